import { type BackoffSchedule, backoffMs } from '../backoff.ts'
import { RelayError } from '../errors.ts'
import { type KeptRests, restOfPlaces } from '../store/rests.ts'

export interface RestsOptions {
  kept: KeptRests
  /** Of deliveries: whoever finds out has an answer by its end, or is dead. */
  leaseMs: number
  now(): number
  random(): number
  /** A platform's API was asked. @param error what came in the place of an answer */
  onAsked?(connectionId: string, error: unknown): void
}

/** Leave to ask a platform's API; whoever has it says how it went. */
export interface Leave {
  /** The first to ask after a rest. */
  probe: boolean
  /** Of whoever asks of a place: the same, after a rest of places alone. */
  places?: { probe: boolean }
}

type Asked = { leave: Leave } | { comeBackAt: number }

/**
 * Connections whose platform asked to wait, did not answer, or refuses our credentials: nobody asks for a while, and then
 * one. Where a place is what is refused, deliveries go on: credentials may be good for bookings and not for rooms.
 */
export interface Rests {
  /** Leave to ask now, or when to come back. */
  ask(connectionId: string): Promise<Asked>
  /** The same to ask of a place, which heeds both rests. */
  askOfPlace(connectionId: string): Promise<Asked>
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

export function restsOf({ kept, leaseMs, now, random, onAsked }: RestsOptions): Rests {
  async function ask(id: string): Promise<Asked> {
    const rest = await kept.get(id)
    if (rest === undefined) return { leave: { probe: false } }
    if (rest.until > now()) return { comeBackAt: rest.until }
    const probe = await kept.probe(id, now(), now() + leaseMs)
    return probe ? { leave: { probe } } : { comeBackAt: now() + LOOK_AGAIN_MS }
  }

  /** Which of the two begins, and whether somebody was sent to find out about the other, and did not. */
  async function restFor(connectionId: string, { probe, places }: Leave, error: RelayError) {
    const ofPlaces = restOfPlaces(connectionId)
    if (places === undefined || !isUnauthorized(error)) {
      if (places?.probe) await kept.release(ofPlaces)
      return { id: connectionId, probe }
    }
    if (probe) await kept.release(connectionId)
    return { id: ofPlaces, probe: places.probe }
  }

  async function foundOut(connectionId: string, { probe, places }: Leave): Promise<void> {
    // What is mended for a delivery may be for places.
    if (probe) await kept.end(connectionId, now())
    if (probe || places?.probe) await kept.forget(restOfPlaces(connectionId))
  }

  async function failed(id: string, probe: boolean, error: RelayError): Promise<number> {
    const rest = await kept.get(id)
    // Those that were under way when the first one failed are no further failures, but may be told to wait longer.
    const counts = probe || rest === undefined || rest.until <= now()
    const failures = (rest?.failures ?? 0) + (counts ? 1 : 0)
    const unauthorized = isUnauthorized(error)
    const schedule = unauthorized ? UNAUTHORIZED_BACKOFF : UNAVAILABLE_BACKOFF
    const waitMs = counts
      ? backoffMs(schedule, failures, random(), error.retryAfterMs)
      : (error.retryAfterMs ?? 0)
    await kept.begin(id, { until: now() + waitMs, failures, unauthorized })
    return waitMs
  }

  return {
    ask,

    async askOfPlace(connectionId) {
      const ofPlaces = restOfPlaces(connectionId)
      const own = await ask(ofPlaces)
      if ('comeBackAt' in own) return own
      const places = own.leave
      const asked = await ask(connectionId)
      if ('leave' in asked) return { leave: { ...asked.leave, places } }
      if (places.probe) await kept.release(ofPlaces)
      return asked
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
          await foundOut(connectionId, leave)
          throw error
        }
        const { id, probe } = await restFor(connectionId, leave, error)
        const waitMs = await failed(id, probe, error)
        throw probe ? laterThan(error, waitMs) : error
      }
      onAsked?.(connectionId, undefined)
      if (toldToWait !== undefined) await failed(connectionId, leave.probe, toldToWait)
      // Only who was sent to find out ends a rest: another answer may have been under way when it began.
      else await foundOut(connectionId, leave)
      return answer
    }
  }
}

function isUnauthorized({ code }: RelayError): boolean {
  return code === 'RELAY_PLATFORM_UNAUTHORIZED'
}

function laterThan(error: RelayError, waitMs: number): RelayError {
  return new RelayError(error.code, error.message, {
    cause: error.cause,
    retryable: error.retryable,
    retryAfterMs: waitMs + LOOK_AGAIN_MS
  })
}

function isOfPlatform(error: unknown): error is RelayError {
  return error instanceof RelayError && (error.code === 'RELAY_PLATFORM_UNAVAILABLE' || isUnauthorized(error))
}
