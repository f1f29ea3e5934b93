import { Value } from '@sinclair/typebox/value'
import type { PlaceFields } from '../../model/change.ts'
import { usableCode } from '../../model/contact.ts'
import { usableZone } from '../../model/time.ts'
import {
  type ApiRequest,
  askAgainFirst,
  askAgainOfCancelled,
  type Dated,
  dated,
  goneOnceAsked,
  type PlatformApi,
  refused,
  unauthorized
} from '../api.ts'
import { firstText } from '../fields.ts'
import type { Hydration, PlatformEvent } from '../platform.ts'
import { only, readEntity } from '../read-entity.ts'
import { entriesOf, idOf, isFlag, isTrueInAnyCase, type Members } from '../told.ts'
import { AppointmentEvent } from './events.ts'

const ORIGIN = 'https://acuityscheduling.com'
const actions = ['scheduled', 'rescheduled', 'canceled', 'changed']

/** What is known of an appointment; or that it was deleted for good. */
export type Facts = ({ appointment: Members } | { gone: true }) & Dated

/** The webhook tells nothing but ids. Acuity allows ten requests a second; this is one for each webhook. */
export const hydration: Hydration = {
  wants: event =>
    actions.includes(event.type) && Value.Check(AppointmentEvent, event.payload) ? 'must' : 'no',
  read: (events, api) =>
    Promise.all(events.map(event => dated(api, readAt => readAppointment(event, api, readAt))))
}

async function readAppointment(
  { type, payload }: PlatformEvent,
  api: PlatformApi,
  readAt: number
): Promise<Facts> {
  const { id } = payload as AppointmentEvent
  const appointment = await readEntity(api, 'Acuity', requestFor(`/api/v1/appointments/${id}`, api))
  if (appointment === undefined) {
    return type === 'canceled' ? { gone: true } : goneOnceAsked(api, 'Acuity does not have the appointment')
  }
  if (String(appointment.id) !== id) throw refused('Acuity answered with something else than the appointment')
  if (!isFlag(appointment.canceled))
    throw refused('Acuity answered with an appointment that does not say whether it is cancelled')
  if (type === 'canceled' && !isCanceled(appointment)) {
    askAgainFirst(api, 'Acuity says that an appointment stands which its webhook says is cancelled')
  }
  if (!isCanceled(appointment)) await askAgainOfCancelled(api, id, readAt)
  return { appointment: keptOf(appointment) }
}

export function isCanceled({ canceled }: Members): boolean {
  return isTrueInAnyCase(canceled)
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
  const list = await readList(isType ? '/api/v1/appointment-types' : '/api/v1/calendars', api)
  const entry = entriesOf(list).find(each => String(each.id) === id)
  if (entry === undefined) return undefined
  const name = firstText(entry.name)
  if (!isType) return { name, timeZone: zoneOf(entry.timezone), address: firstText(entry.location) }
  const minutes = Number(entry.duration)
  return { name, durationMinutes: minutes > 0 ? minutes : undefined }
}

export function zoneOf(name: unknown): string | undefined {
  return usableZone(firstText(name))
}

async function readList(path: string, api: PlatformApi): Promise<unknown[]> {
  const { status, body } = await api.request(requestFor(path, api))
  // Other refusals may be about the list alone, and no appointment must wait for that.
  if (status === 401) throw unauthorized('Acuity refused the user id and API key (status 401)')
  if (!Array.isArray(body)) throw refused(`Acuity answered with status ${status} and no list`)
  return body
}

function requestFor(path: string, { settings }: PlatformApi): ApiRequest {
  const pair = `${settings.user_id}:${settings.api_key}`
  return {
    method: 'GET',
    origin: ORIGIN,
    path,
    headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
  }
}
