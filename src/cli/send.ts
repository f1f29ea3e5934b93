import { setTimeout as pause } from 'node:timers/promises'
import { request } from 'undici'
import { loadConfig } from '../config.ts'
import { loadConnections } from '../connections.ts'
import { RelayError } from '../errors.ts'
import type { Connection } from '../model/connection.ts'
import { idSource } from '../model/ids.ts'
import type { Platform } from '../platforms/platform.ts'
import type { SampleDelivery } from '../platforms/samples.ts'
import { followDelivery, type Followed } from '../store/follow.ts'
import { openStore } from '../store/store.ts'

export interface SendCommand {
  platform: string
  event: string
  connection?: string | undefined
  url?: string | undefined
  /** Seconds. */
  timeout: string
  env: NodeJS.ProcessEnv
  say(line: string): void
  platforms: Record<string, Platform>
}

/** Signs a sample as the platform would, posts it to the running relay, waits, and shows the outcome. */
export async function send(command: SendCommand): Promise<number> {
  const { env, say, platforms } = command
  const config = loadConfig(env)
  const { connections, sandbox } = loadConnections({ config, env, platforms })
  const platform = knownPlatform(platforms, command.platform)
  const make = platform.samples.events[command.event]
  if (make === undefined) {
    const known = Object.keys(platform.samples.events).join('\n  ')
    throw new RelayError('RELAY_BAD_REQUEST', `send: ${platform.title} has no sample ${command.event}; there are:\n  ${known}`)
  }
  const connection = chosen(connections, platform, command.connection)
  const origin = command.url ?? `http://127.0.0.1:${config.port}`
  const now = Date.now()
  const sample = make({ connection, now, serial: now })
  const posted = await post(origin, platform, connection, sample, now)
  say(`POST ${posted.path} → ${posted.status}`)
  if (posted.deliveryId === undefined) {
    say(posted.text)
    return 1
  }
  say(`delivery ${posted.deliveryId}`)

  const store = await openStore(config.databaseUrl)
  try {
    const until = now + Number(command.timeout) * 1000
    const followed = await follow(until, () => followDelivery(store.db, posted.deliveryId ?? ''))
    for (const line of tell(followed, config.databaseUrl)) say(line)
    if (sandbox && followed !== undefined) await showSandbox(origin, connection, followed, say)
    return followed?.settled === true ? 0 : 1
  } finally {
    await store.close()
  }
}

function knownPlatform(platforms: Record<string, Platform>, name: string): Platform {
  const platform = platforms[name]
  if (platform !== undefined) return platform
  throw new RelayError('RELAY_BAD_REQUEST', `send: there is no platform ${name}; there are: ${Object.keys(platforms).join(', ')}`)
}

function chosen(connections: Connection[], platform: Platform, id: string | undefined): Connection {
  const own = connections.filter(each => each.platform === platform.name)
  const connection = id === undefined ? own[0] : own.find(each => each.id === id)
  if (connection !== undefined) return connection
  const known = own.map(each => each.id).join(', ') || 'none'
  throw new RelayError('RELAY_BAD_REQUEST', `send: no such connection of ${platform.title} in the connections file; there are: ${known}`)
}

/** As the platform would: signed, to the connection's address. What its API knows is told to the stand-in first. */
export async function post(
  origin: string,
  platform: Platform,
  connection: Connection,
  sample: SampleDelivery,
  now: number
): Promise<{ path: string; status: number; text: string; deliveryId: string | undefined }> {
  if (sample.world !== undefined && connection.api?.endpoint === 'sandbox') {
    await request(`${origin}/sandbox/platforms/${platform.name}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ entities: sample.world })
    }).then(reply => reply.body.dump(), unreachable(origin))
  }
  const body = Buffer.from(sample.body)
  const signed = platform.verification.sign(body, connection.secrets, { now, id: `msg_${idSource(() => now)()}` })
  const shown = `/webhooks/${platform.name}/${connection.id}`
  const address = new URL(`${origin}${shown}${signed.token === undefined ? '' : `/${encodeURIComponent(signed.token)}`}`)
  for (const [name, value] of Object.entries({ ...sample.query, ...signed.query })) address.searchParams.set(name, value)
  const reply = await request(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...sample.headers, ...signed.headers },
    body
  }).catch(unreachable(origin))
  const text = await reply.body.text()
  const answer = reply.statusCode === 200 ? JSON.parse(text) : {}
  return { path: shown, status: reply.statusCode, text, deliveryId: answer.delivery_id }
}

function unreachable(origin: string) {
  return (cause: unknown): never => {
    throw new RelayError('RELAY_BAD_REQUEST', `nothing answers at ${origin}; start the relay with "npm start", or give --url`, { cause })
  }
}

async function follow(until: number, look: () => Promise<Followed | undefined>): Promise<Followed | undefined> {
  for (;;) {
    const followed = await look()
    if (followed === undefined || followed.settled || Date.now() > until) return followed
    await pause(50)
  }
}

function tell(followed: Followed | undefined, databaseUrl: string): string[] {
  if (followed === undefined) return [`The delivery is not in ${databaseUrl}: the relay keeps its store elsewhere.`]
  const lines = followed.events.map(event => `event ${event.type}: ${event.outcome}${event.reason ? `, ${event.reason}` : ''}`)
  for (const { kind, key, outcome, state } of followed.resources) lines.push(`  ${kind} ${key}: ${outcome}, ${state}`)
  if (!followed.settled) lines.push('Seam has not agreed to all of it yet; the relay goes on trying.')
  return lines
}

/** What Seam's stand-in holds of what the delivery touched. */
async function showSandbox(origin: string, connection: Connection, followed: Followed, say: (line: string) => void): Promise<void> {
  const reply = await request(`${origin}/sandbox/state?customer_key=${encodeURIComponent(connection.customerKey)}`)
  const view = (await reply.body.json()) as {
    workspaces: { customers: { resources: Record<string, Record<string, unknown>[]>; stays: { key: string; access: string; reason?: string }[] }[] }[]
  }
  const touched = new Set(followed.resources.map(each => each.key))
  const customers = view.workspaces.flatMap(each => each.customers)
  const names = (entry: Record<string, unknown>) => Object.values(entry).flat().some(value => touched.has(String(value)))
  const held = customers.flatMap(({ resources }) =>
    Object.entries(resources).flatMap(([list, entries]) => entries.filter(names).map(entry => ({ list, entry })))
  )
  say('')
  say(held.length === 0 ? 'Seam (sandbox) holds nothing of it.' : 'Seam (sandbox) now holds:')
  for (const { list, entry } of held) say(`  ${list}: ${JSON.stringify(entry)}`)
  for (const { key, access, reason } of customers.flatMap(each => each.stays).filter(each => touched.has(each.key))) {
    say(`  access for ${key}: ${access}${reason === undefined ? '' : `, ${reason}`}`)
  }
}
