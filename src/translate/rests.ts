import { type BackoffSchedule, backoffMs } from '../backoff.ts'
import { RelayError } from '../errors.ts'

export interface RestsOptions {
  now(): number
  random(): number
}

/** Leave to ask a platform's API; whoever has it says how it went. */
export interface Leave {
  /** The first to ask after a rest. */
  probe: boolean
}

/** Connections whose platform asked to wait, did not answer, or refuses our credentials: nobody asks for a while, and then one. */
export interface Rests {
  /** Leave to ask now, or when to come back. */
  ask(connectionId: string): { leave: Leave } | { comeBackAt: number }
  /** What was asked with leave, watched for how it goes. @throws whatever `asking` throws */
  watch<T>(connectionId: string, leave: Leave, asking: () => Promise<T>): Promise<T>
}

interface Rest {
  until: number
  /** Failures one after the other. */
  failures: number
  probing: boolean
}

/** The waits of single deliveries grow to an hour; those of a connection do not, or one bad entity would stop its neighbours. */
const UNAVAILABLE_BACKOFF: BackoffSchedule = { firstMs: 1_000, maxMs: 60_000 }
/** Somebody has to mend the settings, and some platforms ration the tokens that each try costs. */
const UNAUTHORIZED_BACKOFF: BackoffSchedule = { firstMs: 60_000, maxMs: 3_600_000 }
/** While one finds out, the others look again so often. */
const LOOK_AGAIN_MS = 2_000

export function restsOf({ now, random }: RestsOptions): Rests {
  const rests = new Map<string, Rest>()

  function worked(connectionId: string, { probe }: Leave): void {
    // An answer to a question that was under way when the platform asked to wait ends no wait.
    const rest = rests.get(connectionId)
    if (probe || (rest !== undefined && rest.until <= now())) rests.delete(connectionId)
  }

  function failed(connectionId: string, { probe }: Leave, error: RelayError): void {
    const rest = rests.get(connectionId) ?? { until: 0, failures: 0, probing: false }
    rests.set(connectionId, rest)
    // Those that were under way when the first one failed are no further failures, but may be told to wait longer.
    const counts = probe || rest.until <= now()
    if (counts) rest.failures += 1
    if (probe) rest.probing = false
    const schedule = error.code === 'RELAY_PLATFORM_UNAUTHORIZED' ? UNAUTHORIZED_BACKOFF : UNAVAILABLE_BACKOFF
    const waitMs = counts
      ? backoffMs(schedule, rest.failures, random(), error.retryAfterMs)
      : (error.retryAfterMs ?? 0)
    rest.until = Math.max(rest.until, now() + waitMs)
  }

  return {
    ask(connectionId) {
      const rest = rests.get(connectionId)
      if (rest === undefined) return { leave: { probe: false } }
      if (rest.until > now()) return { comeBackAt: rest.until }
      if (rest.probing) return { comeBackAt: now() + LOOK_AGAIN_MS }
      rest.probing = true
      return { leave: { probe: true } }
    },

    async watch(connectionId, leave, asking) {
      try {
        const answer = await asking()
        worked(connectionId, leave)
        return answer
      } catch (error) {
        if (isOfPlatform(error)) failed(connectionId, leave, error)
        else worked(connectionId, leave)
        throw error
      }
    }
  }
}

function isOfPlatform(error: unknown): error is RelayError {
  return (
    error instanceof RelayError &&
    (error.code === 'RELAY_PLATFORM_UNAVAILABLE' || error.code === 'RELAY_PLATFORM_UNAUTHORIZED')
  )
}
