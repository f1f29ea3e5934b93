import { type KeyObject, X509Certificate } from 'node:crypto'
import { Agent, type Dispatcher, request } from 'undici'
import { RelayError } from '../errors.ts'

/** Address → what lies there, as text. @throws RelayError RELAY_PLATFORM_UNAVAILABLE, retryable */
export type CertificateSource = (url: string) => Promise<string>

/** The key that signs, and when it may, ms since 1970. */
export interface SigningCertificate {
  key: KeyObject
  from: number
  until: number
}

/** What was found at an address: nothing that may sign for Amazon SNS, where there is no certificate. */
export interface Found {
  certificate: SigningCertificate | undefined
}

/** SNS waits 15 s for an answer, and the rest of the way takes time too. */
const PATIENCE_MS = 5_000
/** A certificate and those it was issued under are some KB. */
const MAX_BYTES = 64 * 1024
/** Amazon has a few at a time, and strangers can name as many addresses as they like. */
const MOST_KEPT = 32
const MOST_FETCHES = 4

/** GET over https; the certificate of the host itself is checked there, and redirects are not followed. */
export function httpsSource(
  dispatcher: Dispatcher = new Agent({ connections: MOST_FETCHES, keepAliveTimeout: 1_000 }),
  patienceMs = PATIENCE_MS
): CertificateSource {
  return async url => {
    try {
      const reply = await request(url, { dispatcher, signal: AbortSignal.timeout(patienceMs) })
      if (reply.statusCode !== 200) {
        await reply.body.dump()
        throw new TypeError(`answered ${reply.statusCode}`)
      }
      const chunks: Uint8Array[] = []
      let bytes = 0
      for await (const chunk of reply.body as AsyncIterable<Uint8Array>) {
        bytes += chunk.byteLength
        if (bytes > MAX_BYTES) throw new TypeError(`more than ${MAX_BYTES} bytes`)
        chunks.push(chunk)
      }
      return Buffer.concat(chunks).toString('latin1')
    } catch (cause) {
      throw unavailable(cause)
    }
  }
}

/**
 * Certificates by address, each fetched once, also for requests that come together. What was found already is answered at
 * once; a failure is not remembered, so that a repeated request tries again.
 * @throws RelayError RELAY_PLATFORM_UNAVAILABLE, retryable
 */
export function keptCertificates(source: CertificateSource): (url: string) => Found | Promise<Found> {
  const kept = new Map<string, Found>()
  const underWay = new Map<string, Promise<Found>>()

  async function fetched(url: string): Promise<Found> {
    const found = { certificate: issuedToSns(await source(url)) }
    const [oldest = url] = kept.keys()
    if (kept.size >= MOST_KEPT) kept.delete(oldest)
    kept.set(url, found)
    return found
  }

  return url => {
    const known = kept.get(url)
    if (known !== undefined) {
      // Used last, dropped last: invented addresses never push out the one that everybody uses.
      kept.delete(url)
      kept.set(url, known)
      return known
    }
    const fetching = underWay.get(url)
    if (fetching !== undefined) return fetching
    if (underWay.size >= MOST_FETCHES) throw unavailable(new TypeError('too many fetches at once'))
    const fetch = fetched(url).finally(() => underWay.delete(url))
    underWay.set(url, fetch)
    return fetch
  }
}

/** PEM, or DER in base64; undefined where it is neither, or the key is no RSA key. */
export function certificateIn(text: string): SigningCertificate | undefined {
  try {
    return signingCertificate(
      new X509Certificate(text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64'))
    )
  } catch {
    return undefined
  }
}

function signingCertificate(certificate: X509Certificate): SigningCertificate | undefined {
  const { publicKey: key, validFromDate, validToDate } = certificate
  if (key.asymmetricKeyType !== 'rsa') return undefined
  return { key, from: validFromDate.getTime(), until: validToDate.getTime() }
}

/**
 * Amazon serves the certificate mostly without those above it, so what vouches for it is the host it came from; its name
 * must be Amazon's all the same (`sns.amazonaws.com`, `sns-signing.<region>.amazonaws.com`), and where others follow,
 * each must have been issued under the next.
 * @throws RelayError RELAY_PLATFORM_UNAVAILABLE where no certificate lies there at all, as with a proxy's own page
 */
function issuedToSns(text: string): SigningCertificate | undefined {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  let chain: X509Certificate[]
  try {
    chain = blocks.map(block => new X509Certificate(block))
  } catch (cause) {
    throw unavailable(cause)
  }
  const [first] = chain
  if (first === undefined) throw unavailable(new TypeError('no certificate'))
  const isChain = chain.every((certificate, position) => {
    const above = chain[position + 1]
    return above === undefined || (certificate.checkIssued(above) && certificate.verify(above.publicKey))
  })
  const isAmazons = /^CN=sns[a-z0-9-]*(?:\.[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?$/m.test(first.subject)
  return isChain && isAmazons ? signingCertificate(first) : undefined
}

function unavailable(cause: unknown): RelayError {
  return new RelayError(
    'RELAY_PLATFORM_UNAVAILABLE',
    'the certificate with which Amazon SNS signs could not be fetched',
    { cause, retryable: true }
  )
}
