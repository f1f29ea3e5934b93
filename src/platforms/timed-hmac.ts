import { createHmac } from 'node:crypto'
import { type TString, Type } from '@sinclair/typebox'
import { accepted, anyOf, rejected, type Secrets, sameBytes, type Verification } from './verify.ts'

export interface TimedHmacOptions {
  /** Lower case. */
  header: string
  /** Members of the header that may hold a signature beside `t`, the time in seconds; the platform's own first. */
  members: [string, ...string[]]
  /** What is signed: `<t>.<body>` or `<body>.<t>`. */
  first: 'time' | 'body'
  /** Either way; {@link toleranceSetting} of a connection replaces it. */
  toleranceSeconds: number
}

/** The setting that widens the window where a platform repeats requests without signing them afresh. */
export const TOLERANCE_SETTING = 'tolerance_seconds'

export function toleranceSetting(toleranceSeconds: number): TString {
  return Type.String({
    pattern: '^\\d{1,6}$',
    examples: [String(toleranceSeconds)],
    description: `how old a signature may be, in seconds; ${toleranceSeconds} by default`
  })
}

/**
 * HMAC-SHA256 in hex over the exact bytes of the body and a time, both in one header as `t=…,<member>=…`. Several
 * signatures may stand there; one that fits is enough. A stored request is judged by the time it came.
 */
export function timedHmac({ header, members, first, toleranceSeconds }: TimedHmacOptions): Verification {
  const digest = (secret: string, time: string, body: Uint8Array) => {
    const hash = createHmac('sha256', secret)
    return (
      first === 'time' ? hash.update(`${time}.`).update(body) : hash.update(body).update(`.${time}`)
    ).digest()
  }
  const [member] = members
  return {
    description: `header ${header}: t=…,${member}=… (HMAC-SHA256 of ${first === 'time' ? '<t>.<body>' : '<body>.<t>'}, hex), key \`signing_secret\``,
    needs: ['signing_secret'],
    evidence: [header],
    verify(incoming, secrets) {
      const sent = incoming.headers[header]
      if (!sent) return rejected('signature_missing')
      const parts = partsOf(sent)
      const time = parts.find(([name]) => name === 't')?.[1] ?? ''
      const signatures = parts
        .filter(([name, value]) => members.includes(name) && /^[0-9a-f]{64}$/i.test(value))
        .map(([, value]) => Buffer.from(value, 'hex'))
      if (!/^\d{1,12}$/.test(time) || signatures.length === 0) return rejected('signature_malformed')
      const matches = anyOf(secrets.signing_secret ?? [], secret => {
        const expected = digest(secret, time, incoming.body)
        return anyOf(signatures, signature => sameBytes(signature, expected))
      })
      if (!matches) return rejected('signature_wrong')
      const skewMs = Math.abs(incoming.receivedAt - Number(time) * 1000)
      const toleranceMs = toleranceOf(secrets, toleranceSeconds) * 1000
      return skewMs <= toleranceMs ? accepted : rejected('timestamp_outside_tolerance')
    },
    sign(body, secrets, { now }) {
      const time = String(Math.floor(now / 1000))
      const signature = digest(secrets.signing_secret?.[0] ?? '', time, body).toString('hex')
      return { headers: { [header]: `t=${time},${member}=${signature}` } }
    }
  }
}

/** `a=1, b=2` → pairs, divided at the first equals sign of each. */
function partsOf(header: string): [string, string][] {
  return header.split(',').map(part => {
    const [name = '', ...rest] = part.split('=')
    return [name.trim(), rest.join('=').trim()]
  })
}

function toleranceOf(secrets: Secrets, otherwise: number): number {
  const told = secrets[TOLERANCE_SETTING]?.[0] ?? ''
  return /^\d{1,6}$/.test(told) ? Number(told) : otherwise
}
