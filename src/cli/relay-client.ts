import { request } from 'undici'
import { RelayError } from '../errors.ts'
import type { Connection } from '../model/connection.ts'
import { idSource } from '../model/ids.ts'
import type { Platform } from '../platforms/platform.ts'
import type { SampleDelivery } from '../platforms/samples.ts'
import { signedSample } from '../platforms/signed-sample.ts'
import type { SandboxView } from '../sandbox/memory.ts'

/** What a running relay answered to a webhook. */
export interface Posted {
  /** Without a token. */
  path: string
  status: number
  /** Undefined where it was not taken in. */
  deliveryId: string | undefined
  /** Why it was not, in the relay's words; undefined where something else answered. */
  problem: string | undefined
}

/**
 * As the platform would: signed, to the connection's address. What its API knows is told to the stand-in first.
 * @throws RelayError RELAY_NOT_FOUND where nobody answers
 */
export async function postSample(
  origin: string,
  platform: Platform,
  connection: Connection,
  sample: SampleDelivery,
  now: number
): Promise<Posted> {
  if (sample.world !== undefined && connection.api?.endpoint === 'sandbox') {
    await ask(origin, 'PUT', `/sandbox/platforms/${platform.name}`, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ entities: sample.world })
    })
  }
  const id = `msg_${idSource(() => now)()}`
  const { path, url, headers, body } = signedSample(platform, connection, sample, { now, id })
  const { status, json } = await ask(origin, 'POST', url, { headers, body })
  return { path, status, deliveryId: textIn(json, 'delivery_id'), problem: textIn(json, 'detail') }
}

/** What the relay's own sandbox holds of one customer. */
export async function sandboxView(origin: string, customerKey: string): Promise<SandboxView> {
  const { json } = await ask(origin, 'GET', `/sandbox/state?customer_key=${encodeURIComponent(customerKey)}`)
  return json as unknown as SandboxView
}

async function ask(
  origin: string,
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  content: { headers?: Record<string, string>; body?: string | Uint8Array } = {}
): Promise<{ status: number; json: Record<string, unknown> | undefined }> {
  try {
    const reply = await request(`${origin}${path}`, { method, ...content })
    return { status: reply.statusCode, json: objectIn(await reply.body.text()) }
  } catch (cause) {
    throw new RelayError(
      'RELAY_NOT_FOUND',
      `nothing answers at ${origin}; start the relay with "seam-relay start", or say with --url where it listens`,
      { cause }
    )
  }
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function textIn(json: Record<string, unknown> | undefined, name: string): string | undefined {
  const value = json?.[name]
  return typeof value === 'string' ? value : undefined
}
