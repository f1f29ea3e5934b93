import t from 'tap'
import { nearestFirst } from '../../src/dashboard/found.ts'
import type { SearchHit } from '../../src/operate/schemas/search.ts'

const NOW = Date.UTC(2027, 5, 20)
const HOUR_MS = 3_600_000

function hit(key: string, inHours: number | undefined, more: Partial<SearchHit> = {}): SearchHit {
  const starts_at = inHours === undefined ? null : new Date(NOW + inHours * HOUR_MS).toISOString()
  return { by: 'name', label: '', stays: [], ...more, resource: { key, starts_at } } as unknown as SearchHit
}

t.test('who is asked for at night stands at the door: the nearest arrival comes first', async t => {
  const later = hit('later', 300)
  const hits = [
    hit('never', undefined),
    later,
    hit('yesterday', -20),
    hit('guest', undefined, { stays: [hit('tonight', 2).resource, later.resource] }),
    hit('asked', 900, { by: 'key' }),
    hit('unknown', undefined)
  ]
  t.strictSame(
    nearestFirst(hits, NOW).map(each => each.resource.key),
    ['asked', 'guest', 'yesterday', 'later', 'never', 'unknown']
  )
})
