import type { Test } from 'tap'
import { postSample } from '../../src/cli/relay-client.ts'
import { unsetConnection } from '../../src/cli/translate/input.ts'
import { loadConfig } from '../../src/config.ts'
import { loadConnections } from '../../src/connections.ts'
import type { Connection } from '../../src/model/connection.ts'
import { hospitable } from '../../src/platforms/hospitable/hospitable.ts'
import { platforms } from '../../src/platforms/registry.ts'
import type { SampleBooking } from '../../src/platforms/samples.ts'
import { booking } from '../operate/operator.ts'
import { eventually } from '../run-relay.ts'
import { type DemoRelay, demoRelay } from './demo-relay.ts'
import { run } from './terminal.ts'

export const TOKEN = 'the-admin-token-of-the-test'
export const CONNECTION = 'demo-hospitable'

const aConnection: Connection = { ...unsetConnection(hospitable), id: CONNECTION }

export const connections = `connections:
  - id: ${CONNECTION}
    platform: hospitable
    customer_key: lake
    time_zone: Europe/Berlin
    check_in_time: "16:00"
    check_out_time: "11:00"
    secrets: { signing_secret: right-right-right }
`

/** A relay with one connection, that operators' commands of the same surroundings find over the store and over HTTP. */
export function openOperated(t: Test): Promise<DemoRelay> {
  return demoRelay(t, { connections, env: { RELAY_ADMIN_TOKEN: TOKEN } })
}

/** Hospitable's ids of the bookings of these tests. */
export function idOf(id: string): string {
  const context = { connection: aConnection, now: 0, serial: 0 }
  const [sample] = hospitable.samples.tell(undefined, { ...booking, id }, context)
  return JSON.parse(Buffer.from(sample?.body ?? '').toString()).data.id
}

/** @param body what is sent in the place of what Hospitable says of the booking @returns the id of the delivery */
export async function tell(
  { env, origin }: DemoRelay,
  now: SampleBooking,
  { before, body, secret }: { before?: SampleBooking; body?: string; secret?: string } = {}
): Promise<string | undefined> {
  const loaded = loadConnections({ config: loadConfig(env), env, platforms })
  const connection = loaded.connections.find(each => each.id === CONNECTION) ?? aConnection
  const context = { connection, now: Date.now(), serial: Date.now() }
  const [sample] = hospitable.samples.tell(before, now, context)
  if (sample === undefined) throw new TypeError('Hospitable tells of everything')
  const signed: Connection =
    secret === undefined ? connection : { ...connection, secrets: { signing_secret: [secret] } }
  const sent = { ...sample, body: body ?? sample.body }
  const { deliveryId } = await postSample(origin, hospitable, signed, sent, Date.now())
  return deliveryId
}

/** For programs, over HTTP. */
export async function json({ env, origin }: DemoRelay, ...args: string[]) {
  const { code, out, err } = await run([...args, '--json', '--url', origin], env)
  if (out === '') throw new Error(`${args.join(' ')}: ${code}, ${err}`)
  return JSON.parse(out)
}

/** What the running relay says of it. */
export async function asked(path: string, { origin }: DemoRelay) {
  const reply = await fetch(`${origin}/api/v1${path}`, { headers: { authorization: `Bearer ${TOKEN}` } })
  // biome-ignore lint/suspicious/noExplicitAny: what is in it, each test says
  return (await reply.json()) as any
}

export function untilDone(relay: DemoRelay, id: string | undefined): Promise<boolean> {
  return eventually(async () => {
    const { state, changes } = await asked(`/deliveries/${id}`, relay)
    const isSent = changes.every((each: { state: string }) => each.state !== 'waiting')
    return state !== 'received' && isSent ? true : undefined
  }, 'the end of the delivery')
}
