import { type Static, Type } from '@sinclair/typebox'
import { Id } from '../fields.ts'
import { idOf } from '../told.ts'

/** Read with care where it is used; its absence or another type is no reason to refuse the event. */
const Told = Type.Optional(Type.Unknown())

/** A booking as it is, or as it was when it was deleted. */
export const BookingRecord = Type.Object({
  Id,
  /** The same in every mechanism of Nexudus. */
  UniqueId: Told,
  ResourceId: Told,
  ResourceName: Told,
  FloorPlanDeskId: Told,
  /** Null for what an administrator blocks. */
  CoworkerId: Told,
  CoworkerFullName: Told,
  CoworkerMobilePhone: Told,
  FromTime: Told,
  ToTime: Told,
  /** It waits for approval, and blocks the resource meanwhile. */
  Tentative: Told,
  IsCancelled: Told,
  UpdatedOn: Told
})

export const CoworkerRecord = Type.Object({
  Id,
  FullName: Told,
  Email: Told,
  MobilePhone: Told,
  UpdatedOn: Told
})

export const DeskRecord = Type.Object({ Id, Name: Told, UpdatedOn: Told })

/** A flag, as text or number too: a door would open for what is off. */
export function isTrue(value: unknown): boolean {
  return value === true || /^(?:true|1)$/i.test(idOf(value) ?? '')
}

export type BookingRecord = Static<typeof BookingRecord>
export type CoworkerRecord = Static<typeof CoworkerRecord>
export type DeskRecord = Static<typeof DeskRecord>
