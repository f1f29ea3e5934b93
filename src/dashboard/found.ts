import type { SearchHit } from '../operate/schemas/search.ts'

/** What was found, in the order in which somebody on call wants it. */

/** Those asked for by their key stay first; then whose stay begins, or began, nearest to now. */
export function nearestFirst(hits: SearchHit[], now: number): SearchHit[] {
  return hits
    .map((hit, place) => ({ hit, place, distance: distanceOf(hit, now) }))
    .sort((a, b) => a.distance - b.distance || a.place - b.place)
    .map(each => each.hit)
}

function distanceOf({ by, resource, stays }: SearchHit, now: number): number {
  if (by === 'key') return -1
  const arrivals = [resource, ...stays].flatMap(each =>
    each.starts_at === null ? [] : Math.abs(Date.parse(each.starts_at) - now)
  )
  return Math.min(...arrivals, Number.MAX_SAFE_INTEGER)
}
