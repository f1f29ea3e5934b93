import { createHmac } from 'node:crypto'
import { accepted, anyOf, rejected, sameBytes, type Verification } from '../verify.ts'

const HEADER = 'x-nexudus-hook-signature'
const NEWLINE = 0x0a
const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * HMAC-SHA256 in upper-case hex over the JSON text of an array, which .NET turns into bytes as ASCII: whatever lies beyond
 * becomes a question mark in what is signed, while the body is sent as UTF-8. Public consumers verify the bytes as they
 * came, and some see one object where an array was signed. So each of these readings is right.
 *
 * The reading as ASCII lets bodies that differ only beyond ASCII share a signature, so nobody's name is proved by it.
 */
export function hookSignature(): Verification {
  return {
    description: `header ${HEADER}: HMAC-SHA256 of the body, hex, key \`signing_secret\``,
    needs: ['signing_secret'],
    evidence: [HEADER],
    verify(incoming, secrets) {
      const sent = incoming.headers[HEADER]
      if (!sent) return rejected('signature_missing')
      if (!/^[0-9a-f]{64}$/i.test(sent)) return rejected('signature_malformed')
      const signature = Buffer.from(sent, 'hex')
      const readings = readingsOf(incoming.body)
      const matches = anyOf(secrets.signing_secret ?? [], secret =>
        anyOf(readings, reading => sameBytes(signature, digest(secret, reading)))
      )
      return matches ? accepted : rejected('signature_wrong')
    },
    sign(body, secrets) {
      const signed = asAscii(body) ?? body
      return {
        headers: {
          [HEADER]: digest(secrets.signing_secret?.[0] ?? '', signed)
            .toString('hex')
            .toUpperCase()
        }
      }
    }
  }
}

function digest(secret: string, text: Uint8Array | string): Buffer {
  return createHmac('sha256', questioned(secret)).update(text).digest()
}

/** What may have been signed where this was sent; the likelier first. */
function readingsOf(body: Uint8Array): (Uint8Array | string)[] {
  const whole = asTold(body)
  return body.at(-1) === NEWLINE ? [...whole, ...asTold(body.subarray(0, -1))] : whole
}

function asTold(body: Uint8Array): (Uint8Array | string)[] {
  const ascii = asAscii(body)
  const plain = ascii === undefined ? [body] : [body, ascii]
  const first = Buffer.from(body.subarray(0, 64)).toString('latin1').trimStart()[0]
  if (first !== '{') return plain
  return [
    ...plain,
    ...plain.map(text => Buffer.concat([Buffer.from('['), Buffer.from(text), Buffer.from(']')]))
  ]
}

/** As .NET's ASCII encoding has it: a question mark for each UTF-16 unit beyond. Undefined where the bytes are no UTF-8. */
function asAscii(body: Uint8Array): string | undefined {
  try {
    return questioned(decoder.decode(body))
  } catch {
    return undefined
  }
}

function questioned(text: string): string {
  return text.replace(/[\u0080-\uffff]/g, '?')
}
