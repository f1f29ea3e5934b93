import { Value } from '@sinclair/typebox/value'
import { RelayError } from '../../errors.ts'
import type { PlaceFields } from '../../model/change.ts'
import { usableCode } from '../../model/contact.ts'
import { usableZone } from '../../model/time.ts'
import { type PlatformApi, unauthorized } from '../api.ts'
import { firstText } from '../fields.ts'
import type { Hydration, PlatformEvent } from '../platform.ts'
import { only } from '../read-entity.ts'
import { entriesOf, idOf, type Members, membersOf } from '../told.ts'
import { AppointmentEvent } from './events.ts'

const ORIGIN = 'https://acuityscheduling.com'
const actions = ['scheduled', 'rescheduled', 'canceled', 'changed']

/** What is known of an appointment, and what plays its place; or that it was deleted for good. */
export type Facts = { appointment: Members; place: string } | { gone: true }

/** The webhook tells nothing but ids. Acuity allows ten requests a second; this is one for each webhook. */
export const hydration: Hydration = {
  wants: event =>
    actions.includes(event.type) && Value.Check(AppointmentEvent, event.payload) ? 'must' : 'no',
  read: (events, api) => Promise.all(events.map(event => readAppointment(event, api)))
}

async function readAppointment({ type, payload }: PlatformEvent, api: PlatformApi): Promise<Facts> {
  const { id } = payload as AppointmentEvent
  const reply = await read(api, `/api/v1/appointments/${id}`)
  if (reply === undefined) {
    if (type === 'canceled') return { gone: true }
    // Not a refusal of ours to wait for: another appointment may be read meanwhile.
    throw new RelayError('RELAY_PLATFORM_REFUSED', 'Acuity does not have the appointment', {
      retryable: true
    })
  }
  const appointment = membersOf(reply.body)
  if (String(appointment.id) !== id) throw refused('something else than the appointment')
  return { appointment: keptOf(appointment), place: api.settings.place ?? 'calendar' }
}

const kept = [
  'id',
  'firstName',
  'lastName',
  'phone',
  'email',
  'datetime',
  'duration',
  'type',
  'appointmentTypeID',
  'calendar',
  'calendarID',
  'location',
  'calendarTimezone',
  'canceled'
]

/** Notes, prices and answers are nobody's business here; only an answer that can be a door code is kept. */
function keptOf(appointment: Members): Members {
  return {
    ...only(kept, appointment),
    answers: entriesOf(appointment.forms)
      .flatMap(form => entriesOf(form.values))
      .map(({ fieldID, name, value }) => ({
        fieldID: String(fieldID),
        name: firstText(name),
        value: idOf(value)
      }))
      .filter(({ value }) => usableCode(value) !== undefined)
  }
}

/** A calendar's name, zone and address, or an appointment type's name and length; both come as one list of all. */
export async function readPlace(id: string, api: PlatformApi): Promise<PlaceFields | undefined> {
  const isType = api.settings.place === 'type'
  const reply = await read(api, isType ? '/api/v1/appointment-types' : '/api/v1/calendars')
  if (!Array.isArray(reply?.body)) throw refused('no list')
  const entry = entriesOf(reply.body).find(each => String(each.id) === id)
  if (entry === undefined) return undefined
  const name = firstText(entry.name)
  if (!isType) return { name, timeZone: zoneOf(entry.timezone), address: firstText(entry.location) }
  const minutes = Number(entry.duration)
  return { name, durationMinutes: minutes > 0 ? minutes : undefined }
}

export function zoneOf(name: unknown): string | undefined {
  return usableZone(firstText(name))
}

/** @returns undefined where it is gone */
async function read(api: PlatformApi, path: string): Promise<{ body: unknown } | undefined> {
  const pair = `${api.settings.user_id}:${api.settings.api_key}`
  const { status, body } = await api.request({
    method: 'GET',
    origin: ORIGIN,
    path,
    headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
  })
  if (status === 404 || status === 410) return undefined
  if (status === 401 || status === 403) {
    throw unauthorized(`Acuity refused the user id and API key (status ${status})`)
  }
  if (status !== 200) throw refused(`status ${status}`)
  return { body }
}

function refused(what: string): RelayError {
  return new RelayError('RELAY_PLATFORM_REFUSED', `Acuity answered with ${what}`)
}
