import { isIP } from 'node:net'
import { FormatRegistry } from '@sinclair/typebox'
import { isSupportedCountry } from 'libphonenumber-js'
import { isZoneName } from '../model/time.ts'

/**
 * Formats that the settings' schemas name. TypeBox keeps formats in one registry of the process; importing this module fills it.
 */
const formats: Record<string, (text: string) => boolean> = {
  'web-address': isWebAddress,
  'ip-range': isIpRange,
  'trusted-proxy': text => isIpRange(text) || proxyNames.includes(text),
  'iana-time-zone': isZoneName,
  'iso-country': isSupportedCountry,
  trimmed: text => text !== '' && text.trim() === text && !CONTROL.test(text),
  whsec: isWebhookSecret
}

/** What nobody sees, and what splits lines. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

/** Ranges that Fastify knows by name. Source: the package @fastify/proxy-addr. */
const proxyNames = ['loopback', 'linklocal', 'uniquelocal']

/** Shorter keys can be guessed by trying. */
const MIN_KEY_BYTES = 16

for (const [name, fits] of Object.entries(formats)) FormatRegistry.Set(name, fits)

/** http or https, a path prefix at most: no query, no fragment, and above all no password. */
function isWebAddress(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) return false
  return url.username === '' && url.password === '' && !/[?#\s]/.test(text)
}

/** One address, or a range in CIDR notation. */
function isIpRange(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128))
}

/** `whsec_` and base64 of a key. */
function isWebhookSecret(text: string): boolean {
  return /^whsec_[A-Za-z0-9+/]+={0,2}$/.test(text) && webhookSecretBytes(text).byteLength >= MIN_KEY_BYTES
}

/** The key inside a `whsec_…` secret. */
export function webhookSecretBytes(secret: string): Buffer {
  return Buffer.from(secret.slice('whsec_'.length), 'base64')
}
