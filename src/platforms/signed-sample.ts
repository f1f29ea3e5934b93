import type { Connection } from '../model/connection.ts'
import type { Platform } from './platform.ts'
import type { SampleDelivery } from './samples.ts'

/** A sample as the platform would send it to the connection's address. */
export interface SignedSample {
  /** Without a token. */
  path: string
  /** With everything; behind the relay's own origin. */
  url: string
  headers: Record<string, string>
  body: Uint8Array
}

/** @param id of the message, where the platform gives one */
export function signedSample(
  platform: Platform,
  connection: Connection,
  sample: SampleDelivery,
  at: { now: number; id: string }
): SignedSample {
  const body = Buffer.from(sample.body)
  const signed = platform.verification.sign(body, connection.secrets, at)
  const path = `/webhooks/${platform.name}/${connection.id}`
  const token = signed.token === undefined ? '' : `/${encodeURIComponent(signed.token)}`
  const query = new URLSearchParams({ ...sample.query, ...signed.query }).toString()
  return {
    path,
    url: `${path}${token}${query && `?${query}`}`,
    headers: { 'content-type': 'application/json', ...sample.headers, ...signed.headers },
    body: signed.body ?? body
  }
}
