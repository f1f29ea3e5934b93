import { isId } from '../../model/ids.ts'
import { kinds } from '../../model/kind.ts'
import type { CustomerReport, WorkspaceReport } from '../../operate/schemas/customers.ts'
import type { ListedDelivery, WholeDelivery } from '../../operate/schemas/deliveries.ts'
import type { LifeSent, LifeTold, ListedResource, WholeResource } from '../../operate/schemas/resources.ts'
import type { SearchResult } from '../../operate/schemas/search.ts'
import { harmlessIn } from '../terminal/harmless.ts'
import { countOf } from '../terminal/moments.ts'
import { usage } from '../usage.ts'
import { pathOf } from './client.ts'
import { deliveryTable } from './deliveries.ts'
import { atDesk, type Desk, type OperatorCommand } from './desk.ts'
import { listOf } from './pages.ts'
import { deliveryLines } from './show-delivery.ts'
import { foundTable } from './show-found.ts'
import { type Shown, stayLines } from './show-stay.ts'

export interface ShowCommand extends OperatorCommand {
  /** A booking, a key, a name, the id of a delivery. */
  what: string
}

type Life = (LifeTold | LifeSent)[]

/** A room of a big group has no end of changes. */
const MOST_OF_LIFE = 1_000
/** Enough to tell which connections wait. */
const MOST_UNREAD = 100
/** What came within so long is being read, as a rule. */
const USUAL_TURN_MS = 10_000

/**
 * `seam-relay show`: a reservation and its life in order, or a delivery. @returns the exit code: 1 where nothing was found
 */
export async function show(command: ShowCommand): Promise<number> {
  if (command.what.trim() === '') {
    throw usage('show: say what to look for: a booking, a key, a guest, or the id of a delivery')
  }
  return atDesk(command, async desk => {
    const { what } = command
    const delivery = isId(what) ? await desk.find<WholeDelivery>(`/deliveries${pathOf(what)}`) : undefined
    if (delivery !== undefined) return tellDelivery(desk, delivery)
    const found = await desk.getRaw<SearchResult>('/search', { q: what })
    const stays = chosen(what, staysIn(found))
    const bookings = new Set(stays.map(nameOfBooking))
    if (bookings.size === 1) return tellStays(desk, stays, found.deliveries)
    return tellFound(desk, harmlessIn(found))
  })
}

/** What was found itself, and the stays of guests and places. */
function staysIn({ data }: SearchResult): ListedResource[] {
  const all = data.flatMap(({ resource, stays }) => (isStay(resource) ? [resource] : stays))
  return [...new Map(all.map(each => [JSON.stringify([each.workspace, each.kind, each.key]), each])).values()]
}

function isStay({ kind }: ListedResource): boolean {
  return kinds[kind].role === 'stay'
}

/** Keys are found by their beginning: what was named in full goes before what only begins so. */
function chosen(what: string, stays: ListedResource[]): ListedResource[] {
  const named = (text: string | null, { connection }: ListedResource) =>
    text === what || text === `${connection}:${what}`
  const exact = stays.filter(each => named(each.key, each) || named(each.booking, each))
  return exact.length > 0 ? exact : stays
}

function nameOfBooking({ workspace, customer_key, booking, key }: ListedResource): string {
  return JSON.stringify([workspace, customer_key, booking ?? key])
}

async function tellDelivery(desk: Desk, delivery: WholeDelivery): Promise<number> {
  if (desk.json) desk.sayJson({ delivery })
  else for (const line of deliveryLines(delivery, desk.screen, desk.moments())) desk.say(line)
  return 0
}

async function tellStays(desk: Desk, stays: ListedResource[], deliveries: ListedDelivery[]): Promise<number> {
  const workspaces = (await desk.find<{ data: WorkspaceReport[] }>('/workspaces'))?.data ?? []
  const shown: Shown[] = []
  for (const stay of stays) {
    const workspace = workspaces.find(each => each.id === stay.workspace)
    shown.push({ ...(await wholeOf(desk, stay)), workspace })
  }
  if (desk.json) {
    desk.sayJson({ reservations: shown, deliveries })
    return 0
  }
  for (const [at, each] of shown.entries()) {
    if (at > 0) desk.say('')
    for (const line of stayLines(each, desk.screen, desk.moments())) desk.say(line)
  }
  for (const connection of new Set(stays.map(each => each.connection)))
    for (const line of await unreadNotes(desk, connection)) desk.say(line)
  return 0
}

async function wholeOf(desk: Desk, stay: ListedResource): Promise<Omit<Shown, 'workspace'>> {
  const path = `/resources${pathOf(stay.workspace, stay.customer_key, stay.kind, stay.key)}`
  // A key that has an e-mail address in it is masked, and found by itself no more.
  const resource = await desk.find<WholeResource>(path)
  const life =
    resource === undefined
      ? { rows: [], more: false }
      : await listOf<Life[number]>(desk, `${path}/life`, {}, MOST_OF_LIFE)
  const named: ListedResource[] = []
  for (const { workspace, customer_key, kind, key } of resource?.names ?? []) {
    const one = await desk.find<WholeResource>(`/resources${pathOf(workspace, customer_key, kind, key)}`)
    if (one !== undefined) named.push(one)
  }
  const customer = await desk.find<CustomerReport>(`/customers${pathOf(stay.workspace, stay.customer_key)}`)
  return {
    stay: desk.json ? stay : harmlessIn(stay),
    resource,
    named,
    customer,
    life: life.rows,
    more_life: life.more
  }
}

/** Several bookings, or none that is known by now. @returns the exit code */
async function tellFound(desk: Desk, found: SearchResult): Promise<number> {
  const nothing = found.data.length + found.deliveries.length === 0
  if (desk.json) {
    desk.sayJson({ found })
    return nothing ? 1 : 0
  }
  if (nothing) {
    desk.say('Nothing was found.')
    for (const line of [...found.notes, ...(await unreadNotes(desk))]) desk.say(line)
    return 1
  }
  const { screen } = desk
  const moments = desk.moments()
  if (found.data.length > 0) {
    for (const line of foundTable(found, screen, moments)) desk.say(line)
    if (found.more) desk.say('There is more: name more of it.')
  }
  if (found.deliveries.length > 0) {
    if (found.data.length > 0) desk.say('')
    for (const line of deliveryTable(found.deliveries, screen, moments)) desk.say(line)
  }
  return 0
}

/** What came a while ago and is not read yet cannot be found, and may change what was. @param connection all of them unless given */
async function unreadNotes(desk: Desk, connection?: string): Promise<string[]> {
  const until = new Date(desk.moments().now - USUAL_TURN_MS).toISOString()
  const { rows, more } = await listOf<ListedDelivery>(
    desk,
    '/deliveries',
    { state: 'received', connection, until },
    MOST_UNREAD
  )
  if (rows.length === 0) return []
  const names = [...new Set(rows.map(each => each.connection))].join(', ')
  const many = `${more ? 'More than ' : ''}${countOf(rows.length, 'delivery', 'deliveries')}`
  const verb = rows.length === 1 ? 'waits' : 'wait'
  return [`${many} of ${names} ${verb} unread: "seam-relay deliveries --state received" says why.`]
}
