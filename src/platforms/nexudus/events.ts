import { type Static, Type } from '@sinclair/typebox'
import { Id, Told } from '../fields.ts'

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

export type BookingRecord = Static<typeof BookingRecord>
export type CoworkerRecord = Static<typeof CoworkerRecord>
export type DeskRecord = Static<typeof DeskRecord>
