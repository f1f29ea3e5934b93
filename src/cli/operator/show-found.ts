import type { ListedResource } from '../../operate/schemas/resources.ts'
import type { SearchResult } from '../../operate/schemas/search.ts'
import type { Moments } from '../terminal/moments.ts'
import type { Screen } from '../terminal/screen.ts'
import { type Cell, tableLines } from '../terminal/table.ts'
import { resourceTones } from './show-stay.ts'

/** What was found where it is not one booking. */
export function foundTable({ data }: SearchResult, screen: Screen, moments: Moments): string[] {
  const rows = data.flatMap(({ label, resource, stays }) => [
    rowOf(label, resource, moments),
    ...stays.map(stay => rowOf('', stay, moments))
  ])
  return tableLines(
    screen,
    [
      { title: 'KIND' },
      { title: 'KEY', least: 16 },
      { title: 'NAME', least: 8 },
      { title: 'STATE' },
      { title: 'BOOKING', least: 12, mayGo: true },
      { title: `BEGINS (${moments.zone})`, least: 19 }
    ],
    rows
  )
}

function rowOf(label: string, resource: ListedResource, moments: Moments): Cell[] {
  const { kind, key, state, booking, starts_at } = resource
  return [
    kind,
    key,
    label,
    { text: state, tone: resourceTones[state] },
    booking ?? '',
    starts_at === null ? '' : moments.local(starts_at)
  ]
}
