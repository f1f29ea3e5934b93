import type { Connection } from '../model/connection.ts'
import type { Redraw } from '../store/redraws.ts'
import type { Lane } from '../store/resources.ts'
import { withCallers } from './callers.ts'
import { draw } from './draw.ts'
import type { Effect } from './effect.ts'
import { handOver } from './hand-over.ts'
import { LaneView } from './lane-view.ts'
import { mergeChange } from './merge.ts'
import { mergeCall } from './merge-calls.ts'
import type { Queries } from './queries.ts'
import type { Resource } from './resource.ts'
import { isByCaller, namedBy, placesToldIn, type Said, type SaidByCaller } from './said.ts'

export interface DecideOptions {
  queries: Queries
  connectionOf(id: string): Connection | undefined
  /** Stays that one decision draws because of what they name, at most; the others are left to another one. */
  mostDependents?: number | undefined
}

/** What is said of a lane, and what is to be drawn although nothing is said of it. */
export interface Matter {
  said: (Said | SaidByCaller)[]
  redraw: Redraw[]
}

/** What Seam shall hold after all of it, in memory: whoever wants it on disk commits the writes of the view. */
export interface Decided {
  view: LaneView
  effects: Effect[]
}

/**
 * Takes what is said into what is known of a lane, and draws it.
 * @param breathe lets others have a turn, where there may be very much of it
 * @throws RelayError RELAY_KEY_BEING_DELETED (retryable); KeyHasOwner where a caller's key is another customer's
 */
export async function decide(
  options: DecideOptions,
  lane: Lane,
  { said, redraw }: Matter,
  now: number,
  breathe?: () => Promise<void>
): Promise<Decided> {
  const view = await LaneView.read(lane, options.queries, breathe)
  const named = said.map(namedBy)
  await view.prefetch(
    named.flatMap(each => each.bookings),
    [...named.flatMap(each => each.refs), ...redraw]
  )
  const effects: Effect[] = []
  const drawnBy = withCallers(options.connectionOf)
  for (const each of said) for (const place of placesToldIn(each)) await handOver(view, drawnBy, place)
  const byCallers = said.filter(isByCaller).map(({ change }) => change)
  await view.keys.claim(byCallers.filter(({ change }) => change === 'push'))
  await view.keys.expectStray(byCallers.filter(({ change }) => change === 'erase'))
  for (const each of said) {
    await view.breathe()
    const merged = isByCaller(each) ? mergeCall(view, each, options.connectionOf) : mergeChange(view, each)
    effects.push(...(await merged))
  }
  view.drawn(redraw)
  const forced: Resource[] = []
  for (const ref of redraw) {
    const row = await view.get(ref)
    if (row !== undefined) forced.push(row)
  }
  await draw(view, drawnBy, now, forced, options.mostDependents)
  return { view, effects }
}
