import { peekObject } from '../platform.ts'
import { sns, unsignedIn } from '../sns.ts'
import type { CertificateSource } from '../sns-certificates.ts'
import {
  accepted,
  rejected,
  type Secrets,
  sameText,
  sharedToken,
  type Verdict,
  type Verification
} from '../verify.ts'
import { messageIn } from './events.ts'

/**
 * What a webhook was registered with comes back inside every message: the only thing that tells one account from
 * another, since messages name none and may well share a topic. Questions of SNS itself carry none.
 */
function authInside(incoming: { body: Uint8Array }, { auth: right = [] }: Secrets): Verdict {
  const envelope = peekObject(incoming)
  if (envelope?.Type !== 'Notification') return accepted
  const told = messageIn(envelope.Message)?.auth
  const [offered, ...others]: unknown[] = Array.isArray(told) ? told : [told]
  if (typeof offered !== 'string' || others.length > 0) return rejected('credentials_missing')
  const isRight = right.filter(each => sameText(each, offered)).length > 0
  return isRight ? accepted : rejected('credentials_wrong')
}

/**
 * The signature of SNS always; `auth` and the token in the address where the connection has them. These come first, so
 * that whoever does not know them makes nobody fetch a certificate.
 */
export function hostifyVerification(certificates?: CertificateSource): Verification {
  const token = sharedToken()
  const envelope = sns(certificates && { certificates })
  return {
    description: `${envelope.description}; and, where configured, \`auth\` inside the message and ${token.description}`,
    needs: envelope.needs,
    evidence: envelope.evidence,
    credential: (incoming, secrets) => token.credential?.(incoming, secrets),
    async verify(incoming, secrets) {
      const first: Verdict[] = [
        ...(secrets.token === undefined ? [] : [await token.verify(incoming, secrets)]),
        ...(secrets.auth === undefined ? [] : [authInside(incoming, secrets)])
      ]
      return first.find(verdict => !verdict.ok) ?? envelope.verify(incoming, secrets)
    },
    sign(body, secrets, at) {
      const signed = envelope.sign(unsignedIn(body) ? body : withAuth(body, secrets), secrets, at)
      return secrets.token === undefined ? signed : { ...signed, ...token.sign(body, secrets, at) }
    }
  }
}

/** Whatever Hostify said, it would put the word into it. */
function withAuth(body: Uint8Array, { auth }: Secrets): Uint8Array {
  return Buffer.from(JSON.stringify({ auth: auth?.slice(0, 1), said: Buffer.from(body).toString() }))
}
