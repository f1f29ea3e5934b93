import type { Stay, StaysChange, UpsertPlace } from '../../../src/model/change.ts'
import type { Connection } from '../../../src/model/connection.ts'
import { acuity } from '../../../src/platforms/acuity/acuity.ts'
import type { Translation } from '../../../src/platforms/platform.ts'
import { demoConnection, outcomesOf } from '../contract.ts'

type Members = Record<string, unknown>

/** As the API gives it; a test changes what matters. */
export function appointment(differing: Members = {}): Members {
  return {
    id: 481516234,
    firstName: 'Zoë',
    lastName: 'Lindqvist',
    phone: '+46855501470',
    email: 'zoe.lindqvist@example.com',
    date: 'February 30, 1999',
    time: 'noon',
    endTime: '9:99pm',
    datetime: '2027-02-15T14:00:00+0100',
    type: 'Studio B – 90 minutes',
    appointmentTypeID: 310442,
    classID: null,
    duration: '90',
    calendar: 'Studio B',
    calendarID: 77120,
    location: '12 Quay Road',
    timezone: 'America/New_York',
    calendarTimezone: 'Europe/Stockholm',
    canceled: false,
    noShow: false,
    forms: [],
    ...differing
  }
}

export const form = 'action=changed&id=481516234&calendarID=77120&appointmentTypeID=310442'
export const receivedAt = Date.parse('2027-02-11T08:30:06Z')

/** What a webhook means when the API gives this. */
export async function translated(
  entity: Members | null,
  { body = form, ...settings }: Partial<Connection> & { body?: string } = {}
): Promise<Translation> {
  const connection = demoConnection(acuity, settings)
  const world = new Map<string, unknown>([['appointments/481516234', entity]])
  const [outcome] = await outcomesOf(acuity, connection, { body }, { receivedAt, world })
  return outcome?.translation ?? []
}

export function bookingIn(translation: Translation): StaysChange | undefined {
  return Array.isArray(translation) ? translation.find(change => change.change === 'stays') : undefined
}

export function placeIn(translation: Translation): UpsertPlace | undefined {
  return Array.isArray(translation)
    ? translation.find(change => change.change === 'upsert' && change.kind === 'place')
    : undefined
}

export async function stayOf(
  differing: Members,
  settings: Partial<Connection> = {}
): Promise<Stay | undefined> {
  return bookingIn(await translated(appointment(differing), settings))?.stays[0]
}
