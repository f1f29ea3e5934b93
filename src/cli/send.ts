import { setTimeout as pause } from 'node:timers/promises'
import { loadConfig } from '../config.ts'
import { loadConnections } from '../connections.ts'
import type { Platform } from '../platforms/platform.ts'
import type { SampleContext, SampleDelivery } from '../platforms/samples.ts'
import { type Followed, followDelivery } from '../store/follow.ts'
import { type Pause, pauseOfConnection, pauseOfLane, pausesOf } from '../store/pauses.ts'
import { openStore } from '../store/store.ts'
import { chosenConnection, chosenPlatform } from './chosen.ts'
import { isFine, outcomeLines, sandboxLines } from './outcome.ts'
import { type Posted, postSample, sandboxView } from './relay-client.ts'
import { listed, usage } from './usage.ts'

export interface SendCommand {
  platform: string
  /** Without one the platform's samples are named. */
  event?: string | undefined
  connection?: string | undefined
  url?: string | undefined
  timeoutMs: number
  /** Also where the relay sends to Seam itself. */
  real?: boolean | undefined
  env: NodeJS.ProcessEnv
  say(line: string): void
  platforms: Record<string, Platform>
}

const LOOK_AGAIN_MS = 50

/**
 * Signs a sample as the platform would, posts it to the running relay, waits, and shows the outcome.
 * @returns the exit code: 0 where the sample came to its end at Seam
 */
export async function send(command: SendCommand): Promise<number> {
  const { env, say, platforms } = command
  const named = chosenPlatform('send', platforms, command.platform)
  // What a connection describes itself has samples of its own.
  if (named.of === undefined) chosenSample(named, command.event)
  const config = loadConfig(env)
  const { connections, sandbox } = loadConnections({ config, env, platforms })
  const connection = chosenConnection('send', connections, named, command.connection)
  const platform = named.of?.(connection) ?? named
  const make = chosenSample(platform, command.event)
  if (!sandbox && command.real !== true) {
    throw usage(
      'send: this relay sends to Seam itself, and the sample’s invented guest would be there; add --real'
    )
  }
  const origin = command.url?.replace(/\/+$/, '') ?? `http://127.0.0.1:${config.port}`
  const now = Date.now()
  const posted = await postSample(origin, platform, connection, make({ connection, now, serial: now }), now)
  for (const line of postedLines(posted)) say(line)
  const { deliveryId } = posted
  if (deliveryId === undefined) return 1

  const store = await openStore(config.databaseUrl, config)
  try {
    const pauses = await pausesOf(store).all()
    const pause = pauseOfConnection(pauses, connection.id) ?? pauseOfLane(pauses, connection)
    // Nothing comes of it before somebody resumes it.
    const patienceMs = pause === undefined ? command.timeoutMs : 0
    const followed = await untilSettled(patienceMs, () => followDelivery(store, deliveryId))
    if (followed === undefined) {
      say('The relay took it and keeps it elsewhere: its DATABASE_URL is not the one set here.')
      return 1
    }
    for (const line of outcomeLines(followed)) say(line)
    if (pause !== undefined && !followed.settled) say(pausedLine(pause))
    if (sandbox) {
      const view = await sandboxView(origin, connection.customerKey)
      for (const line of sandboxLines(view, followed.resources)) say(line)
    }
    return isFine(followed) ? 0 : 1
  } finally {
    await store.close()
  }
}

function chosenSample(
  { title, samples }: Platform,
  event: string | undefined
): (context: SampleContext) => SampleDelivery {
  const make = event !== undefined && Object.hasOwn(samples.events, event) ? samples.events[event] : undefined
  if (make !== undefined) return make
  if (Object.keys(samples.events).length === 0)
    throw usage(`send: ${title} has no samples; give its connection webhooks.samples`)
  const asked = event === undefined ? 'name an event' : `${title} has no sample of ${event}`
  throw usage(`send: ${asked}; there are:${listed(Object.keys(samples.events))}`)
}

function pausedLine({ id, subject, connection_id, customer_key, workspace_id }: Pause): string {
  const name = connection_id || customer_key || workspace_id
  return `It waits, as ${subject} ${name} is paused; "seam-relay resume ${id}" lets it go on.`
}

function postedLines({ path, status, deliveryId, problem }: Posted): string[] {
  const lines = [`POST ${path} → ${status}${deliveryId === undefined ? '' : `, delivery ${deliveryId}`}`]
  if (deliveryId !== undefined) return lines
  if (problem === undefined)
    return [...lines, 'This is not an answer of the relay; does something else listen there?']
  if (status !== 401) return [...lines, problem]
  return [...lines, `${problem} Has the running relay another connections file?`]
}

async function untilSettled(
  timeoutMs: number,
  look: () => Promise<Followed | undefined>
): Promise<Followed | undefined> {
  const deadline = Date.now() + timeoutMs
  let followed = await look()
  while (followed?.settled === false && Date.now() <= deadline) {
    await pause(LOOK_AGAIN_MS)
    followed = await look()
  }
  return followed
}
