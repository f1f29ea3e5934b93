import { setTimeout as pause } from 'node:timers/promises'
import { RelayError } from '../../errors.ts'
import type { ListedDelivery } from '../../operate/schemas/deliveries.ts'
import type { MadeCall } from '../../operate/schemas/history.ts'
import type { ListedRejection } from '../../operate/schemas/rejected.ts'
import { harmlessIn, harmlessJson } from '../terminal/harmless.ts'
import { durationOf, type Moments } from '../terminal/moments.ts'
import type { Screen } from '../terminal/screen.ts'
import { eventText, reasonIn, stateTones } from './deliveries.ts'
import { atDesk, type OperatorCommand } from './desk.ts'
import { eventsIn, type StreamEvent } from './event-stream.ts'
import { refuseUnknownConnection } from './known-connection.ts'

export interface TailCommand extends OperatorCommand {
  connection?: string | undefined
  /** Before asking again where the relay went away, ms. */
  againMs?: number
}

const AGAIN_MS = 2_000

/** `seam-relay tail`: a line for each thing that happens, as it does, until a signal comes. */
export function tail(command: TailCommand): Promise<number> {
  const { connection, terminal, againMs = AGAIN_MS } = command
  return atDesk(command, async desk => {
    await refuseUnknownConnection(desk, connection)
    const ended = new AbortController()
    const signalled = terminal.signalled().then(() => ended.abort())
    let lastEventId: string | undefined
    let hasListened = false
    while (!ended.signal.aborted) {
      try {
        const stream = await desk.client.listen('/tail', { query: { connection }, lastEventId })
        hasListened = true
        void signalled.then(() => stream.destroy())
        for await (const event of eventsIn(stream)) {
          lastEventId = event.id ?? lastEventId
          const line = lineOf(event, desk.json, desk.screen, desk.moments())
          if (line !== undefined) desk.say(line)
        }
      } catch (error) {
        // What never was there is wrong usage; what went away may come back.
        if (!hasListened || (error instanceof RelayError && error.code === 'RELAY_KEY_FORBIDDEN')) throw error
      }
      await Promise.race([
        signalled,
        pause(againMs, undefined, { signal: ended.signal }).catch(() => undefined)
      ])
    }
    return 0
  })
}

/** For programs one JSON document in a line. @returns undefined for what this release does not know */
function lineOf(
  { event, data }: StreamEvent,
  json: boolean,
  screen: Screen,
  moments: Moments
): string | undefined {
  const happened: unknown = JSON.parse(data)
  if (json) return harmlessJson({ event, ...Object(happened) }, 0)
  const shown = harmlessIn(happened)
  const { paint } = screen
  switch (event) {
    case 'delivery': {
      const each = shown as ListedDelivery
      return [
        moments.local(each.done_at ?? each.received_at),
        paint(each.state.padEnd(10), stateTones[each.state]),
        each.connection,
        eventText(each),
        paint(each.id, 'dim'),
        reasonIn(each)
      ]
        .filter(Boolean)
        .join('  ')
    }
    case 'attempt': {
      const each = shown as MadeCall
      const said = each.status === null ? 'no answer' : String(each.status)
      return [
        moments.local(each.at),
        paint(said.padEnd(10), each.error === null ? 'good' : 'bad'),
        each.customer_key,
        each.operation,
        `in ${durationOf(each.duration_ms)}`,
        each.error
      ]
        .filter(Boolean)
        .join('  ')
    }
    case 'rejected': {
      const each = shown as ListedRejection
      return [
        moments.local(each.received_at),
        paint('rejected  ', 'bad'),
        each.connection,
        each.cause,
        each.remote_address
      ]
        .filter(Boolean)
        .join('  ')
    }
    case 'cut':
      return paint('…and more than can be shown one by one.', 'dim')
    default:
      return undefined
  }
}
