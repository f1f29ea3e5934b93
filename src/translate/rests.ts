import { type BackoffSchedule, backoffMs } from '../backoff.ts'
import { RelayError } from '../errors.ts'
import type { KeptRests } from '../store/rests.ts'

export interface RestsOptions {
  kept: KeptRests
  now(): number
  random(): number
  /** A platform's API was asked. @param error what came in the place of an answer */
  onAsked?(connectionId: string, error: unknown): void
}

/** Leave to ask a platform's API; whoever has it says how it went. */
export interface Leave {
  /** The first to ask after a rest. */
  probe: boolean
}

/** Connections whose platform asked to wait, did not answer, or refuses our credentials: nobody asks for a while, and then one. */
export interface Rests {
  /** Leave to ask now, or when to come back. */
  ask(connectionId: string): Promise<{ leave: Leave } | { comeBackAt: number }>
  /**
   * What was asked with leave, watched for how it goes. `asking` tells what it did without: that is no failure, but a
   * wait that the platform asked for holds for all.
   * @throws whatever `asking` throws; from a probe, with a wait behind the rest that it leads to, so that another one
   * goes first: what fails may be about the one entity that was asked for
   */
  watch<T>(
    connectionId: string,
    leave: Leave,
    asking: (doneWithout: (trouble: RelayError) => void) => Promise<T>
  ): Promise<T>
}

/** The waits of single deliveries grow to an hour; those of a connection do not, or one bad entity would stop its neighbours. */
const UNAVAILABLE_BACKOFF: BackoffSchedule = { firstMs: 1_000, maxMs: 60_000 }
/** Somebody has to mend the settings, and some platforms ration the tokens that each try costs. */
const UNAUTHORIZED_BACKOFF: BackoffSchedule = { firstMs: 60_000, maxMs: 3_600_000 }
/** While one finds out, the others look again so often. */
const LOOK_AGAIN_MS = 2_000
/** Whoever finds out has an answer by then, or is dead. */
const PROBE_MS = 60_000

export function restsOf({ kept, now, random, onAsked }: RestsOptions): Rests {
  async function failed(connectionId: string, { probe }: Leave, error: RelayError): Promise<number> {
    const rest = await kept.get(connectionId)
    // Those that were under way when the first one failed are no further failures, but may be told to wait longer.
    const counts = probe || rest === undefined || rest.until <= now()
    const failures = (rest?.failures ?? 0) + (counts ? 1 : 0)
    const unauthorized = error.code === 'RELAY_PLATFORM_UNAUTHORIZED'
    const schedule = unauthorized ? UNAUTHORIZED_BACKOFF : UNAVAILABLE_BACKOFF
    const waitMs = counts
      ? backoffMs(schedule, failures, random(), error.retryAfterMs)
      : (error.retryAfterMs ?? 0)
    await kept.begin(connectionId, { until: now() + waitMs, failures, unauthorized })
    return waitMs
  }

  return {
    async ask(connectionId) {
      const rest = await kept.get(connectionId)
      if (rest === undefined) return { leave: { probe: false } }
      if (rest.until > now()) return { comeBackAt: rest.until }
      const probe = await kept.probe(connectionId, now(), now() + PROBE_MS)
      return probe ? { leave: { probe } } : { comeBackAt: now() + LOOK_AGAIN_MS }
    },

    async watch(connectionId, leave, asking) {
      let answer: Awaited<ReturnType<typeof asking>>
      let toldToWait: RelayError | undefined
      try {
        answer = await asking(trouble => {
          if (trouble.retryAfterMs !== undefined) toldToWait = trouble
        })
      } catch (error) {
        onAsked?.(connectionId, error)
        if (!isOfPlatform(error)) {
          if (leave.probe) await kept.end(connectionId)
          throw error
        }
        const waitMs = await failed(connectionId, leave, error)
        throw leave.probe ? laterThan(error, waitMs) : error
      }
      onAsked?.(connectionId, undefined)
      if (toldToWait !== undefined) await failed(connectionId, leave, toldToWait)
      // Only who was sent to find out ends a rest: another answer may have been under way when it began.
      else if (leave.probe) await kept.end(connectionId)
      return answer
    }
  }
}

function laterThan(error: RelayError, waitMs: number): RelayError {
  return new RelayError(error.code, error.message, {
    cause: error.cause,
    retryable: error.retryable,
    retryAfterMs: waitMs + LOOK_AGAIN_MS
  })
}

function isOfPlatform(error: unknown): error is RelayError {
  return (
    error instanceof RelayError &&
    (error.code === 'RELAY_PLATFORM_UNAVAILABLE' || error.code === 'RELAY_PLATFORM_UNAUTHORIZED')
  )
}
