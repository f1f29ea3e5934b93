import { createHmac } from 'node:crypto'
import { instantMs } from '../fields.ts'
import { accepted, anyOf, rejected, type Secrets, sameBytes, type Verification } from '../verify.ts'
import type { VerificationEntry } from './description.ts'
import { type Part, partsOf } from './template.ts'

type Unit = NonNullable<NonNullable<VerificationEntry['timestamp']>['unit']>

const bytesOf = { sha1: 20, sha256: 32, sha512: 64 }
const alphabets = {
  hex: /^(?:[0-9a-f]{2})+$/i,
  base64: /^[A-Za-z0-9+/]+={0,2}$/,
  base64url: /^[\w-]+={0,2}$/
}

/** A keyed hash as a connection describes it. A stored request is judged by the time it came. */
export function describedHmac(entry: VerificationEntry & { header: string }): Verification {
  const { algorithm = 'sha256', encoding = 'hex', key = 'plain', member, prefix = '' } = entry
  const header = entry.header.toLowerCase()
  const timeHeader = entry.timestamp?.header.toLowerCase()
  const idHeader = entry.id?.header.toLowerCase()
  const unit = entry.timestamp?.unit ?? 'seconds'
  const toleranceMs = Number(entry.tolerance_seconds ?? 300) * 1000
  const template = entry.signed ?? '{body}'
  const parts = partsOf(template)

  const digest = (secret: string, values: Values) => {
    const hash = createHmac(algorithm, keyBytes(secret, key))
    for (const part of parts) hash.update(signedPart(part, values))
    return hash.digest()
  }

  return {
    description: `header ${header}${member === undefined ? '' : ` (${member}=…)`}: HMAC-${algorithm.toUpperCase()} of ${template}, ${encoding}, key \`signing_secret\``,
    needs: ['signing_secret'],
    evidence: [...new Set([header, timeHeader, idHeader].filter(name => name !== undefined))],
    verify({ headers, body, receivedAt }, secrets) {
      const sent = headers[header]
      const timestamp = timeHeader === undefined ? '' : valueIn(headers[timeHeader], entry.timestamp?.member)
      const id = idHeader === undefined ? '' : headers[idHeader]
      if (!sent || timestamp === undefined || id === undefined) return rejected('signature_missing')
      const signatures = (member === undefined ? [sent] : valuesIn(sent, member))
        .map(text => (text.startsWith(prefix) ? text.slice(prefix.length) : text))
        .filter(text => alphabets[encoding].test(text))
        .map(text => Buffer.from(text, encoding))
        .filter(bytes => bytes.byteLength === bytesOf[algorithm])
      const sentAt = timeHeader === undefined ? receivedAt : timeMs(timestamp, unit)
      if (signatures.length === 0 || sentAt === undefined) return rejected('signature_malformed')
      const matches = anyOf(secrets.signing_secret ?? [], secret => {
        const expected = digest(secret, { body, timestamp, id, url: entry.url ?? '' })
        return anyOf(signatures, signature => sameBytes(signature, expected))
      })
      if (!matches) return rejected('signature_wrong')
      const isNear = Math.abs(receivedAt - sentAt) <= toleranceMs
      return isNear ? accepted : rejected('timestamp_outside_tolerance')
    },
    sign(body, secrets: Secrets, { now, id }) {
      const timestamp = timeText(now, unit)
      const values = { body, timestamp, id, url: entry.url ?? '' }
      const signature = `${prefix}${digest(secrets.signing_secret?.[0] ?? '', values).toString(encoding)}`
      const headers: Record<string, string[]> = {}
      const add = (name: string, text: string) => (headers[name] = [...(headers[name] ?? []), text])
      const { timestamp: time } = entry
      if (timeHeader !== undefined) add(timeHeader, time?.member ? `${time.member}=${timestamp}` : timestamp)
      if (idHeader !== undefined) add(idHeader, id)
      add(header, member === undefined ? signature : `${member}=${signature}`)
      return {
        headers: Object.fromEntries(Object.entries(headers).map(([name, list]) => [name, list.join(',')]))
      }
    }
  }
}

interface Values {
  body: Uint8Array
  timestamp: string
  id: string
  url: string
}

function signedPart(part: Part, values: Values): Uint8Array | string {
  return 'fixed' in part ? part.fixed : values[part.name]
}

function keyBytes(secret: string, key: 'plain' | 'base64' | 'hex'): Buffer {
  return Buffer.from(secret, key === 'plain' ? 'utf8' : key)
}

/** The values of one name in a header that is `t=1,v1=…` or `t=1;v1=…`, each divided at its first equals sign. */
function valuesIn(header: string, member: string): string[] {
  return header
    .split(/[,;]/)
    .map(pair => pair.trim())
    .filter(pair => pair.startsWith(`${member}=`))
    .map(pair => pair.slice(member.length + 1))
}

function valueIn(header: string | undefined, member: string | undefined): string | undefined {
  const value = member === undefined || header === undefined ? header : valuesIn(header, member)[0]
  return value === '' ? undefined : value
}

function timeMs(text: string, unit: Unit): number | undefined {
  if (unit === 'iso') return instantMs(text)
  if (!/^\d{1,15}$/.test(text)) return undefined
  return Number(text) * (unit === 'seconds' ? 1000 : 1)
}

function timeText(now: number, unit: Unit): string {
  if (unit === 'iso') return new Date(now).toISOString()
  return String(unit === 'seconds' ? Math.floor(now / 1000) : now)
}
