import type { ListedDelivery } from '../../operate/schemas/deliveries.ts'
import { countOf, type Moments } from '../terminal/moments.ts'
import type { Screen, Tone } from '../terminal/screen.ts'
import { type Cell, tableLines } from '../terminal/table.ts'
import { atDesk, type OperatorCommand } from './desk.ts'
import { refuseUnknownConnection } from './known-connection.ts'
import { listOf } from './pages.ts'

/** By what deliveries are chosen, as GET /api/v1/deliveries takes it. */
export interface DeliveryFilter {
  connection?: string
  state?: string
  type?: string
  booking?: string
  text?: string
  /** ISO 8601 */
  since?: string
  until?: string
}

export interface DeliveriesCommand extends OperatorCommand {
  filter: DeliveryFilter
  limit: number
  all?: boolean | undefined
}

/** `seam-relay deliveries`: what came, newest first. */
export function deliveries(command: DeliveriesCommand): Promise<number> {
  const { filter, limit, all = false } = command
  return atDesk(command, async desk => {
    await refuseUnknownConnection(desk, filter.connection)
    const { rows, more } = await listOf<ListedDelivery>(
      desk,
      '/deliveries',
      { ...filter },
      all ? undefined : limit
    )
    if (desk.json) {
      desk.sayJson({ data: rows, more })
      return 0
    }
    if (rows.length === 0) {
      desk.say(more ? 'None of the newest; --all looks further.' : 'There are none.')
      return 0
    }
    for (const line of deliveryTable(rows, desk.screen, desk.moments())) desk.say(line)
    if (more)
      desk.say(
        `These are the newest ${countOf(rows.length, 'delivery', 'deliveries')}; --limit and --all show more.`
      )
    return 0
  })
}

export const stateTones: Record<ListedDelivery['state'], Tone | undefined> = {
  received: undefined,
  held: 'warn',
  translated: 'good',
  ignored: 'dim',
  dead: 'bad'
}

export function deliveryTable(rows: ListedDelivery[], screen: Screen, moments: Moments): string[] {
  return tableLines(
    screen,
    [
      { title: `RECEIVED (${moments.zone})`, least: 19, mayGo: true },
      { title: 'AGE', align: 'right' },
      { title: 'CONNECTION', least: 8 },
      { title: 'STATE' },
      { title: 'EVENT', least: 8 },
      { title: 'ID' },
      { title: 'WHY', least: 10 }
    ],
    rows.map((row): Cell[] => [
      moments.local(row.received_at),
      moments.age(row.received_at),
      row.connection,
      { text: row.state, tone: stateTones[row.state] },
      eventText(row),
      row.id,
      whyOf(row, moments)
    ])
  )
}

/** Each name once; a delivery may say the same of many things. */
export function eventText({ events, event_count }: ListedDelivery): string {
  const names = [...new Set(events.map(each => each.type))]
  const [first = ''] = names
  return event_count > 1 ? `${first} +${event_count - 1}` : first
}

/** Why it is not translated, with the relay's code last, where there may be no room for it. */
export function reasonIn({ events, error }: Pick<ListedDelivery, 'events' | 'error'>): string {
  const reason = error ?? events.find(each => each.reason !== null)?.reason ?? ''
  return reason.replace(/^(RELAY_[A-Z_]+): (.*)$/s, '$2 ($1)')
}

function whyOf(row: ListedDelivery, moments: Moments): string {
  const { due_at, state } = row
  const reason = reasonIn(row)
  const waits = state === 'received' && due_at !== null && Date.parse(due_at) > moments.now
  return waits ? [`again in ${moments.age(due_at)}`, reason].filter(Boolean).join(': ') : reason
}
