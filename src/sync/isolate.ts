import { keysNamedIn } from '../model/names.ts'
import { SeamError } from '../seam/seam-error.ts'
import type { DirtyResource } from '../store/outbox.ts'
import type { Batch } from './batch.ts'

/** One call with all that is remembered of it. @throws SeamError */
export type Call = (batch: Batch) => Promise<void>

/** Beyond so many calls for one batch the rest waits for the next step. */
const MOST_CALLS_APART = 40

/**
 * Sends a batch; a refused one is halved until the offender is alone, and the others go through.
 * @param atFault told of a resource that is refused alone
 * @throws SeamError where Seam did not refuse
 */
export async function sendOrIsolate(
  batch: Batch,
  call: Call,
  atFault: (batch: Batch, error: SeamError) => Promise<void>
): Promise<void> {
  try {
    await call(batch)
  } catch (error) {
    if (!(error instanceof SeamError) || error.retryable) throw error
    if (batch.resources.length === 1) return atFault(batch, error)
    for (const half of halvesOf(batch.resources)) {
      await sendOrIsolate({ ...batch, resources: half }, call, atFault)
    }
  }
}

/** What came of a batch. */
export interface Sent {
  /** With what is left over; undefined where everything went through. */
  trouble: SeamError | undefined
  /** Whether anything went through. */
  answered: boolean
}

/**
 * Sends a batch that Seam fails at again and again without refusing it: one resource of it may be the reason, or its
 * size. Two resources alone show first whether Seam answers at all, so an outage costs two calls and no more.
 * @param turn how often this has been tried: another one goes with the first each time, since both may be at fault
 */
export async function sendApart(batch: Batch, call: Call, turn: number): Promise<Sent> {
  const troubleWith = async (resources: DirtyResource[]): Promise<SeamError | undefined> => {
    try {
      await call({ ...batch, resources })
      return undefined
    } catch (error) {
      if (isTrouble(error)) return error
      throw error
    }
  }

  const parts = partsOf(batch.resources, turn)
  let trouble: SeamError | undefined
  let calls = 0
  let answered = false
  for (let part = parts.shift(); part !== undefined && calls < MOST_CALLS_APART; part = parts.shift()) {
    const failed = await troubleWith(part)
    calls += 1
    answered ||= failed === undefined
    if (failed === undefined) continue
    trouble = failed
    if (calls > 1 && !answered) break
    if (part.length > 1) parts.unshift(...halvesOf(part))
  }
  return { trouble, answered }
}

/** The first, another one, and the rest; from the front on, since parents go before their stays. */
function partsOf(resources: DirtyResource[], turn: number): DirtyResource[][] {
  const first = resources.slice(0, 1)
  const others = resources.slice(1)
  const keys = new Set(resources.map(each => each.key))
  // Not a stay whose place or guest has not gone yet: Seam would pass over it and say nothing.
  const free = others.filter(each => !keysNamedIn(each.fields).some(key => keys.has(key)))
  const second = free[turn % free.length] ?? others[0]
  return [first, others.filter(each => each === second), others.filter(each => each !== second)].filter(
    part => part.length > 0
  )
}

/** No answer, or an answer that is Seam's own trouble; not one that speaks of the whole workspace. */
export function isTrouble(error: unknown): error is SeamError {
  return error instanceof SeamError && error.outcome === 'retry'
}

function halvesOf(resources: DirtyResource[]): [DirtyResource[], DirtyResource[]] {
  const middle = Math.ceil(resources.length / 2)
  return [resources.slice(0, middle), resources.slice(middle)]
}
