import type { FastifyInstance } from 'fastify'
import type { Connection } from '../model/connection.ts'
import { type Platform, platformOf } from '../platforms/platform.ts'
import { signedSample } from '../platforms/signed-sample.ts'

export interface SendSampleOptions {
  /** The relay itself: a sample comes in by the same door as everybody's requests. */
  app: FastifyInstance
  platforms: Record<string, Platform>
  now(): number
  nextId(): string
  connection: Connection
  /** One of its platform's samples. */
  event: string
}

export interface SentSample {
  status: number
  /** Undefined where it was not taken in. */
  deliveryId: string | undefined
}

/** Kept with the delivery, so that everybody sees what it was. */
const SAMPLE_AGENT = 'seam-relay-sample'

/** Signs a sample event with the connection's own secrets and sends it to the connection's address. */
export async function sendSample(options: SendSampleOptions): Promise<SentSample> {
  const { app, platforms, connection, event } = options
  const now = options.now()
  const platform = platformOf(platforms, connection) as Platform
  const make = platform.samples.events[event] as Platform['samples']['events'][string]
  const sample = make({ connection, now, serial: now })
  if (sample.world !== undefined && connection.api?.endpoint === 'sandbox') {
    const entities = { entities: sample.world }
    await app.inject({ method: 'PUT', url: `/sandbox/platforms/${platform.name}`, payload: entities })
  }
  const id = `msg_${options.nextId()}`
  const { url, headers, body } = signedSample(platform, connection, sample, { now, id })
  const reply = await app.inject({
    method: 'POST',
    url,
    headers: { ...headers, 'user-agent': SAMPLE_AGENT },
    payload: Buffer.from(body),
    ...allowedAddress(connection)
  })
  const { delivery_id: deliveryId } = reply.json<{ delivery_id?: string }>()
  return { status: reply.statusCode, deliveryId }
}

/** As if it came from where the platform sends from. */
function allowedAddress({ allowFrom: [first] }: Connection): { remoteAddress?: string } {
  return first === undefined ? {} : { remoteAddress: first.replace(/\/.*/, '') }
}
