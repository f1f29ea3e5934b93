import type { LifeSent, LifeTold, WholeResource } from '../operate/schemas/resources.ts'
import { dayOf, some, type Zoned } from './ages.ts'

/** The life of a resource, put in order for a reader. */

export type LifeItem = LifeTold | LifeSent

export interface Day {
  day: string
  items: LifeItem[]
}

/** @param items oldest first, as they stay */
export function byDay(items: LifeItem[], zone: Zoned = {}): Day[] {
  const days: Day[] = []
  for (const item of items) {
    const day = dayOf(Date.parse(item.at), zone)
    const last = days.at(-1)
    if (last?.day === day) last.items.push(item)
    else days.push({ day, items: [item] })
  }
  return days
}

/** The delivery that told of it before a given one: what that one's body is compared with. */
export function deliveryBefore(items: LifeItem[], item: LifeTold): string | undefined {
  const at = items.indexOf(item)
  return items
    .slice(0, Math.max(0, at))
    .filter(each => each.type === 'told')
    .findLast(each => each.delivery.known && each.delivery.id !== item.delivery.id)?.delivery.id
}

/** What a delivery did, in a sentence. */
export function tellingInWords({ outcome, note, revision }: LifeTold): string {
  const also = note === null ? '' : ` ${note}`
  switch (outcome) {
    case 'changed':
      return revision === null
        ? `Changed what Seam should hold.${also}`
        : `Changed what Seam should hold, to revision ${revision}.${also}`
    case 'unchanged':
      return `Said nothing new.${also}`
    case 'stale':
      return `Came too late: something newer was known already, so it changed nothing.${also}`
    default:
      return `Held back: ${note ?? 'something is missing'}`
  }
}

/** Which fields are as a delivery told them, until today. */
export function fieldsFrom(told: WholeResource['told'], delivery: string): string[] {
  return told.filter(each => each.delivery === delivery).map(each => each.field)
}

/** How many of each there were, for those who do not want to count. */
export function lifeInWords(items: LifeItem[], isWhole: boolean): string {
  const webhooks = items.filter(each => each.type === 'told')
  const sent = items.filter(each => each.type === 'sent')
  const stale = webhooks.filter(each => each.outcome === 'stale').length
  const failed = sent.filter(each => each.error !== null).length
  const parts = [
    `${some(webhooks.length, 'webhook')}${stale > 0 ? ` (${stale} too late)` : ''}`,
    `${some(sent.length, 'call')} to Seam${failed > 0 ? ` (${failed} failed)` : ''}`
  ]
  return `${isWhole ? '' : 'So far '}${parts.join(', ')}`
}
