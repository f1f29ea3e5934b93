import { type BackoffSchedule, backoffMs } from '../backoff.ts'
import type { Connection } from '../model/connection.ts'
import { MINUTE_MS } from '../model/durations.ts'
import type { Candidate } from '../model/replay-plan.ts'
import { type Platform, platformOf } from '../platforms/platform.ts'
import type { Replays } from '../store/replays.ts'
import type { ClaimedLook, SecondLooks } from '../store/second-looks.ts'
import { isAway } from '../store/unavailable.ts'
import { type Account, type EndsOptions, endsOf } from './ends.ts'
import type { FactsReader } from './hydration.ts'
import { meaningOf } from './meaning.ts'
import { asRelayError, readEvents } from './outcome.ts'

export interface SecondLooksOptions extends EndsOptions {
  secondLooks: SecondLooks
  replays: Pick<Replays, 'candidates'>
  reader: Pick<FactsReader, 'readAgain'>
  connectionOf(id: string): Connection | undefined
  platforms: Record<string, Platform>
  leaseMs: number
}

const FAILED_BACKOFF: BackoffSchedule = { firstMs: MINUTE_MS, maxMs: 4 * MINUTE_MS }
const MOST_FAILURES = 3

/**
 * A webhook says that something changed, and what the platform's API answered is what was known before: the change may not have
 * come as far as the API yet. A minute later it is asked once more. Nothing waits for that, and the delivery has come to its end.
 */
export function secondLooksRoom(options: SecondLooksOptions) {
  const { store, deliveries, secondLooks, reader, random, now, log } = options
  const ends = endsOf(options)

  async function lookAgainOnce(): Promise<'busy' | 'idle'> {
    try {
      const look = await secondLooks.claim(now(), options.leaseMs)
      if (look === undefined) return 'idle'
      await lookAgain(look)
      return 'busy'
    } catch (error) {
      if (!isAway(error)) log.error({ event: 'second_looks.failed', err: error })
      return 'idle'
    }
  }

  async function lookAgain(look: ClaimedLook): Promise<void> {
    const [delivery] = await options.replays.candidates([look.deliveryId])
    const connection = options.connectionOf(look.connectionId)
    const platform = connection && platformOf(options.platforms, connection)
    if (delivery === undefined || connection === undefined || platform === undefined) {
      await store.commit([secondLooks.forget(look)])
      return
    }
    try {
      await read(look, delivery, { connection, platform })
    } catch (error) {
      // No fault of the platform's: the lease runs out, and somebody looks again.
      if (isAway(error)) throw error
      await failed(look, error)
    }
  }

  async function read(look: ClaimedLook, delivery: Candidate, account: Account): Promise<void> {
    const { platform, connection } = account
    const attempts = look.failures
    const events = await readEvents(platform, delivery)
    const again = await reader.readAgain(platform, events, { ...delivery, attempts }, connection)
    if ('comeBackAt' in again) {
      await store.commit([secondLooks.postpone(look, again.comeBackAt, attempts)])
      return
    }
    const { facts } = again
    const { said, failures } = meaningOf(platform, { events, facts }, delivery, connection)
    if (failures.length > 0) throw failures[0]
    const seen = secondLooks.forget(look)
    if (said.length === 0) await store.commit([seen])
    else await ends.takeIn(said, account, [deliveries.replaceFacts(delivery.id, facts), seen], undefined)
    const { deliveryId, connectionId } = look
    log.info({ event: 'delivery.read_again', deliveryId, connectionId, changes: said.length })
  }

  async function failed(look: ClaimedLook, error: unknown): Promise<void> {
    const { deliveryId, connectionId } = look
    const failures = look.failures + 1
    const { code, retryAfterMs } = asRelayError(error)
    const waitMs = backoffMs(FAILED_BACKOFF, failures, random(), retryAfterMs)
    const isEnough = failures === MOST_FAILURES
    await store.commit([
      isEnough ? secondLooks.forget(look) : secondLooks.postpone(look, now() + waitMs, failures)
    ])
    const next = isEnough ? {} : { waitMs }
    log.warn({ event: 'delivery.not_read_again', deliveryId, connectionId, code, ...next, err: error })
  }

  return { lookAgainOnce }
}
