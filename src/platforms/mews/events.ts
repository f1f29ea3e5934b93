import { Type } from '@sinclair/typebox'
import { Told } from '../fields.ts'

const guid = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'

/**
 * One entry of `Events` (Mews, General Webhooks). Ids at Mews are GUIDs; anything else would spoil the request that
 * reads its neighbours, so it ends here.
 */
export const EntityEvent = Type.Object({
  Value: Type.Object({ Id: Type.String({ pattern: guid }) })
})

const EntityId = Type.String({ minLength: 1 })

/** What the Connector API returns, cut down to what is read here: nothing else is stored beside a delivery. */
export const Reservation = Type.Object({
  Id: EntityId,
  ServiceId: Told,
  AccountId: Told,
  AccountType: Told,
  BookerId: Told,
  Number: Told,
  State: Told,
  CancellationReason: Told,
  UpdatedUtc: Told,
  AssignedResourceId: Told,
  ScheduledStartUtc: Told,
  ActualStartUtc: Told,
  ScheduledEndUtc: Told,
  ActualEndUtc: Told,
  StartUtc: Told,
  EndUtc: Told
})

export const Customer = Type.Object({
  Id: EntityId,
  FirstName: Told,
  LastName: Told,
  Email: Told,
  Phone: Told,
  UpdatedUtc: Told,
  MergeTargetId: Told,
  IsActive: Told
})

/** Nobody asks for the id of one: without it a companion is a guest all the same. */
export const Companionship = Type.Object({ CustomerId: Told, ReservationId: Told })

export const Resource = Type.Object({
  Id: EntityId,
  EnterpriseId: Told,
  Name: Told,
  UpdatedUtc: Told,
  IsActive: Told,
  Data: Told
})

export const ResourceData = Type.Object({ Discriminator: Told })

export const Enterprise = Type.Object({
  Id: EntityId,
  UpdatedUtc: Told,
  TimeZoneIdentifier: Told,
  Address: Told
})

export const Address = Type.Object({
  Line1: Told,
  Line2: Told,
  PostalCode: Told,
  City: Told,
  CountryCode: Told,
  Latitude: Told,
  Longitude: Told
})

export const Service = Type.Object({ Id: EntityId, UpdatedUtc: Told, Data: Told })

export const ServiceData = Type.Object({
  Value: Type.Object({ StartOffset: Told, EndOffset: Told, TimeUnitPeriod: Told })
})

export const AccessToken = Type.Object({
  ServiceOrderId: Told,
  ResourceId: Told,
  Type: Told,
  Value: Told,
  IsActive: Told
})

/** Mews returned nothing for the id: another property's entity, or no right to it. Never a deletion. */
export const Missing = Type.Object({ missing: Type.Literal(true) })

/** What an event names could not be read, and the other events of its message did not wait for it. */
export const Unread = Type.Object({
  unread: Type.Object({
    code: Type.Union([
      Type.Literal('RELAY_PLATFORM_UNAUTHORIZED'),
      Type.Literal('RELAY_PLATFORM_UNAVAILABLE'),
      Type.Literal('RELAY_PLATFORM_REFUSED')
    ]),
    reason: Type.String()
  })
})

export const ReservationFacts = Type.Object({
  reservation: Reservation,
  /** Left out where Mews names nobody, or where that could not be read; null in facts of older releases. */
  guestId: Type.Optional(Type.Union([EntityId, Type.Null()])),
  /** The customer named by `guestId`, then the one they were merged into, and so on. */
  customers: Type.Array(Customer),
  resource: Type.Optional(Resource),
  enterprise: Type.Optional(Enterprise),
  service: Type.Optional(Service),
  /** Only where the connection asks for them. */
  accessTokens: Type.Optional(Type.Array(AccessToken))
})

export const CustomerFacts = Type.Object({ customers: Type.Array(Customer, { minItems: 1 }) })

export const ResourceFacts = Type.Object({ resource: Resource, enterprise: Type.Optional(Enterprise) })
