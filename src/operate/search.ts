import { type Kind, kinds } from '../model/kind.ts'
import { emailWord, phoneWord, wordsIn } from '../model/search.ts'
import { idOf, type ResourceId, type ListedResource as Row } from '../store/operate-resources.ts'
import type { Page } from '../store/page.ts'
import type { Ask } from './ask.ts'
import { bookingNames } from './booking-names.ts'
import { listedOf as deliveryOf } from './deliveries.ts'
import { maskName } from './mask.ts'
import type { OperateRoom } from './operate.ts'
import { asListed, listedOf } from './resources.ts'
import type { Reveals } from './schemas/parts.ts'
import { readSearch, type SearchHit, type SearchResult } from './schemas/search.ts'
import type { Shown } from './shown.ts'

interface SearchQuery extends Reveals {
  q: string
}

/** Of each sort. */
const MOST_FOUND = 20
/** Fewer digits end too many numbers. */
const LEAST_PHONE_DIGITS = 4

const NOTES = [
  'Names, e-mail addresses and phone numbers are found as Seam should have them: not those of guests whose stays are gone, nor contact details that were left out.',
  'Keys and ids are found by their beginning. Of text in the bodies of webhooks nothing is found.'
]

/** GET /api/v1/search */
export function search(ask: Ask, room: OperateRoom): void {
  ask<unknown, SearchQuery>('/api/v1/search', readSearch, ({ query, shown }) =>
    searchFor(query.q.trim(), room, shown)
  )
}

type By = SearchHit['by']

async function searchFor(q: string, room: OperateRoom, shown: Shown): Promise<SearchResult> {
  const found = new Map<string, { by: By; id: ResourceId }>()
  const add = (by: By, id: ResourceId) => {
    const name = JSON.stringify(id)
    if (!found.has(name)) found.set(name, { by, id })
  }
  let more = false
  for (const row of q === '' ? [] : await byKey(q, room)) add('key', idOf(row))
  for (const { by, words } of readingsOf(q)) {
    for (const workspaceId of room.workspaces) {
      const hits = await room.searchWords.find(workspaceId, words, MOST_FOUND)
      more ||= hits.more
      for (const id of hits.found) add(by, id)
    }
  }
  const data: SearchHit[] = []
  for (const { by, id } of found.values()) {
    const hit = await hitOf(by, id, room, shown)
    if (hit !== undefined) data.push(hit)
  }
  const deliveries = q === '' ? [] : await deliveriesFor(q, room)
  return { data, deliveries: deliveries.map(row => deliveryOf(row, shown)), more, notes: NOTES }
}

/** What somebody may have meant. */
function readingsOf(q: string): { by: By; words: string[] }[] {
  if (q.includes('@')) return [{ by: 'email', words: [emailWord(q)] }]
  const digits = q.replace(/\D/g, '')
  const isPhone = /^\+?[\d\s()./-]+$/.test(q) && digits.length >= LEAST_PHONE_DIGITS
  const words = wordsIn(q)
  return [
    ...(isPhone ? [{ by: 'phone' as const, words: [phoneWord(digits)] }] : []),
    ...(words.length > 0 ? [{ by: 'name' as const, words }] : [])
  ]
}

/** As it stands, and behind the prefix of each connection. */
async function byKey(q: string, room: OperateRoom): Promise<Row[]> {
  const rows: Row[] = []
  const inAll = (workspaces: string[], prefix: string): Promise<Page<Row, ResourceId>> =>
    room.resources.list(workspaces, { prefix }, undefined, MOST_FOUND)
  rows.push(...(await inAll(room.workspaces, q)).rows)
  for (const { id, workspaceId } of room.connections) {
    if (rows.length >= MOST_FOUND) break
    rows.push(...(await inAll([workspaceId], `${id}:${q}`)).rows)
  }
  return rows.slice(0, MOST_FOUND)
}

async function deliveriesFor(q: string, room: OperateRoom) {
  const byText = await room.deliveries.list({ text: q }, undefined, MOST_FOUND)
  const ofBooking = await room.deliveries.list({ booking: bookingNames(q, room) }, undefined, MOST_FOUND)
  const all = new Map([...byText.rows, ...ofBooking.rows].map(row => [row.id, row]))
  return [...all.values()].sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, MOST_FOUND)
}

async function hitOf(
  by: By,
  id: ResourceId,
  room: OperateRoom,
  shown: Shown
): Promise<SearchHit | undefined> {
  const row = await room.resources.one(id)
  if (row === undefined) return undefined
  const { role } = kinds[row.kind]
  const stays =
    role === 'stay' ? [] : await room.resources.staysNaming(id, role, [row.key, row.source_id], MOST_FOUND)
  return {
    by,
    label: labelOf(row.kind, row.fields, shown),
    resource: listedOf(asListed(row), shown),
    stays: stays.map(each => listedOf(each, shown))
  }
}

function labelOf(kind: Kind, fields: string | null, shown: Shown): string {
  const { name } = fields === null ? {} : (JSON.parse(fields) as { name?: unknown })
  if (typeof name !== 'string') return ''
  return kinds[kind].role === 'place' || shown.isRevealed ? shown.text(name) : maskName(name)
}
