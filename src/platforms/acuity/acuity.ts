/**
 * Acuity Scheduling: static and dynamic webhooks, API v1.
 *
 * Sources, as of 2026-11: "Webhooks", "Dynamic webhooks" and the API reference (https://developers.acuityscheduling.com);
 * the official examples in github.com/AcuityScheduling/acuity-js; github.com/api-evangelist/acuity.
 *
 * - A webhook is a form of four variables and tells nothing but ids, so the appointment is always read again, and what is
 *   read counts: the action is a hint, and two webhooks of one change (`scheduled` and `changed`) may come in any order.
 *   What stands after `canceled` is asked for again, since the API may be behind.
 * - An appointment keeps its id when it is rescheduled. It has no clock: of two readings the later wins, and since each
 *   webhook is read after it was received, the last one knows the last state.
 * - The API key signs, so a new key changes both what signs and what reads. Static webhooks are signed with the key of
 *   the main administrator, dynamic ones with that of the user who made them.
 * - A delivery has no id and no time. One that is sent again is harmless, because it is read again.
 *
 * Left open: how `action` is spelt in dynamic webhooks (taken with and without `appointment.`); whether and how long a
 * failed webhook is repeated; whether what an administrator deletes for good is told as a cancellation and answers 404
 * (assumed); whether a series is told appointment by appointment (assumed).
 */
import { Type } from '@sinclair/typebox'
import { Setting } from '../fields.ts'
import { definePlatform, on } from '../platform.ts'
import { hmac } from '../verify.ts'
import { AppointmentEvent, readEvents } from './events.ts'
import { hydration, readPlace } from './hydrate.ts'
import { samples } from './samples.ts'
import { standIn } from './stand-in.ts'
import { appointmentTold } from './translate.ts'

export const acuity = definePlatform({
  name: 'acuity',
  title: 'Acuity',
  verification: hmac({ header: 'x-acuity-signature', algorithm: 'sha256', encoding: 'base64' }),
  secrets: Type.Object(
    {
      signing_secret: Setting(
        'The API key: of the main administrator, or of the user who made a dynamic webhook'
      )
    },
    { additionalProperties: false }
  ),
  api: Type.Object({
    user_id: Type.String({ minLength: 1, examples: ['14512077'] }),
    api_key: Type.String({ minLength: 1 }),
    place: Type.Optional(
      Type.String({
        pattern: '^(?:calendar|type)$',
        examples: ['calendar'],
        description: 'what plays the place: calendar (by default), or type, the appointment type'
      })
    ),
    endpoint: Type.Optional(Type.String({ description: 'instead of https://acuityscheduling.com' }))
  }),
  preferredCode: 'none',
  mediaTypes: ['application/x-www-form-urlencoded'],
  readEvents,
  hydration,
  readPlace,
  events: {
    scheduled: on(AppointmentEvent, appointmentTold),
    rescheduled: on(AppointmentEvent, appointmentTold),
    canceled: on(AppointmentEvent, appointmentTold),
    changed: on(AppointmentEvent, appointmentTold)
  },
  ignored: { 'order.completed': 'a package or gift was sold, and nothing booked' },
  statuses: {
    standings: new Map(),
    beside:
      'Acuity has no word for it: an appointment stands unless its flag `canceled` is set. A tentative one does not exist.'
  },
  samples,
  standIn
})
