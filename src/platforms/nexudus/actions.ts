import type { Delivery } from '../../model/delivery.ts'
import { firstText } from '../fields.ts'
import { type PlatformEvent, readJson, unreadable } from '../platform.ts'
import { membersOf } from '../told.ts'

/** The actions that we know, with their numbers in Nexudus’s list. Check-ins of every sort count as one. */
const numbers: Record<string, number[]> = {
  BookingCreate: [6],
  BookingUpdate: [7],
  BookingDelete: [8],
  CoworkerCreate: [3],
  CoworkerUpdate: [2],
  CoworkerDelete: [50],
  FloorPlanDeskCreate: [71],
  FloorPlanDeskUpdate: [73],
  FloorPlanDeskDelete: [72],
  BusinessUpdate: [84],
  VisitorRegistered: [42],
  VisitorNotification: [38],
  VisitorCheckedin: [41],
  VisitorDeleted: [64],
  CoworkerContractCreate: [62],
  CoworkerContractUpdate: [60],
  CoworkerContractDelete: [77],
  Checkin: [35, 36, 37, 47, 48, 49, 63]
}

const actions = new Map(
  Object.entries(numbers).flatMap(([name, list]) => [
    [name.toLowerCase(), name],
    ...list.map(number => [String(number), name])
  ]) as [string, string][]
)

/** `BookingCreate`, `booking-create` or `6` → `BookingCreate`; a name we do not know stays as it is. */
function actionOf(told: string): string {
  const plain = told.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  return actions.get(plain) ?? (plain.startsWith('checkin') ? 'Checkin' : told)
}

/** The address names the action; the body holds one record or several, each of which is an event. */
export function readEvents(delivery: Pick<Delivery, 'body' | 'query'>): PlatformEvent[] {
  const content = readJson(delivery)
  if (typeof membersOf(content).type === 'string') return [{ type: 'marketplace', payload: content }]
  const told = firstText(delivery.query.event?.[0])
  if (told === undefined) throw unreadable('the webhook’s address does not end in ?event=<action>')
  const records = recordsIn(content)
  if (records.length === 0) throw unreadable('the body holds no record')
  const type = actionOf(told)
  return records.map(payload => ({ type, payload }))
}

function recordsIn(content: unknown): unknown[] {
  if (Array.isArray(content)) return content
  const { Records } = membersOf(content)
  return Array.isArray(Records) ? Records : [content]
}
