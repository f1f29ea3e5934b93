import { type Static, type TObject, type TSchema, Type } from '@sinclair/typebox'
import '../config/formats.ts'
import { settings } from '../config/settings.ts'
import { guestLists, placeLists, stayLists } from '../model/kind.ts'
import { oneOf } from '../platforms/fields.ts'
import type { Platform } from '../platforms/platform.ts'

/** The word for the relay's own stand-in, under `api.endpoint`. */
export const SANDBOX = 'sandbox'

const closed = { additionalProperties: false }

function Name(description: string) {
  return Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$', description })
}

function Trimmed(description: string) {
  return Type.Optional(Type.String({ format: 'trimmed', description }))
}

function ClockTime(what: string) {
  return Type.Optional(
    Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$', description: `${what}, local time as "HH:mm"` })
  )
}

const zoneName = 'an IANA name such as Europe/Berlin'

function TimeZone(what: string) {
  return Type.Optional(Type.String({ format: 'iana-time-zone', description: `${what}, ${zoneName}` }))
}

const Address = Type.String({
  format: 'web-address',
  description: 'An http:// or https:// address without query or password'
})

const Place = Type.Object(
  {
    key: Trimmed(
      'The whole key at Seam, in place of "<connection>:<id>"; without white space around it or control characters'
    ),
    name: Trimmed('What people call the place'),
    time_zone: TimeZone('Time zone of the place'),
    check_in_time: ClockTime('When stays begin here'),
    check_out_time: ClockTime('When stays end here'),
    address: Trimmed('Postal address')
  },
  closed
)

const ConnectionEntry = Type.Object(
  {
    id: Name(
      'Lower-case letters, digits and dashes, at most 63; part of the webhook address, and the prefix of every key at Seam'
    ),
    platform: Type.String({ description: 'Which platform sends' }),
    customer_key: Type.String({
      format: 'trimmed',
      description:
        'The Seam customer whose data this is; not empty, without white space around it or control characters'
    }),
    workspace: Type.Optional(Name('An id of workspaces above; the workspace of the environment by default')),
    allow_from: Type.Optional(
      Type.Array(Type.String({ format: 'ip-range', description: 'An IP address or a CIDR range' }), {
        description: 'Addresses the platform sends from, as a list; every address by default'
      })
    ),
    secrets: Type.Object({}, { description: 'What proves the sender; which members, the platform decides' }),
    api: Type.Optional(
      Type.Object({}, { description: 'Credentials for reading what the platform’s webhooks leave out' })
    ),
    time_zone: TimeZone('Time zone of places that do not give theirs'),
    check_in_time: ClockTime('When stays begin, if neither booking nor place says'),
    check_out_time: ClockTime('When stays end, if neither booking nor place says'),
    country: Type.Optional(
      Type.String({
        format: 'iso-country',
        description: 'Country of phone numbers without a prefix, two capital letters such as DE'
      })
    ),
    tentative: Type.Optional(
      oneOf(['hold', 'push'], 'What becomes of bookings that are not confirmed yet; hold by default')
    ),
    preferred_code: Type.Optional(
      oneOf(['platform', 'phone_last_four', 'none'], 'Where a wished door code comes from')
    ),
    preferred_code_field: Trimmed('The answer or custom field that holds the wished code'),
    lists: Type.Optional(
      Type.Object(
        {
          place: Type.Optional(oneOf(placeLists, 'Which Seam list plays the listing')),
          guest: Type.Optional(oneOf(guestLists, 'Which Seam list plays the guest')),
          stay: Type.Optional(oneOf(stayLists, 'Which Seam list plays the stay'))
        },
        closed
      )
    ),
    places: Type.Optional(
      Type.Record(Type.String(), Place, {
        description:
          'By the platform’s id: what the platform does not say about a place, or what overrides it'
      })
    ),
    webhooks: Type.Optional(
      Type.Object(
        {},
        { description: 'How the platform’s webhooks are verified and read, where no adapter knows it' }
      )
    )
  },
  closed
)

const WorkspaceEntry = Type.Object(
  {
    id: Name('Lower-case letters, digits and dashes, at most 63; for the member workspace of connections'),
    api_key: Type.Optional(
      Type.String({
        pattern: settings.properties.SEAM_API_KEY.pattern,
        description: 'API key of the workspace (seam_…)'
      })
    ),
    personal_access_token: Type.Optional(
      Type.String({
        pattern: settings.properties.SEAM_PERSONAL_ACCESS_TOKEN.pattern,
        description: 'Personal access token (seam_at…), in place of api_key and together with workspace_id'
      })
    ),
    workspace_id: Trimmed('The workspace that the personal access token is used for'),
    endpoint: Type.Optional(Address)
  },
  closed
)

/** The connections file, but for what each platform wants under `secrets` and `api`. */
export const FileEntry = Type.Object(
  {
    workspaces: Type.Optional(
      Type.Array(WorkspaceEntry, { description: 'Further Seam workspaces beside the one of the environment' })
    ),
    connections: Type.Array(ConnectionEntry, { description: 'One entry per account at a platform' })
  },
  { ...closed, description: 'It has the list connections, and may have workspaces' }
)

export type FileEntry = Static<typeof FileEntry>
export type WorkspaceEntry = Static<typeof WorkspaceEntry>
export type PlaceEntry = Static<typeof Place>
export type ConnectionEntry = Omit<Static<typeof ConnectionEntry>, 'secrets' | 'api' | 'webhooks'> & {
  secrets: Record<string, string | string[]>
  api?: Record<string, string>
  /** Fits the platform's own schema, and may name sample files. */
  webhooks?: { samples?: string; events?: object }
}

/** `secrets` of a platform, each as a list: old and new during a rotation. */
export function secretsSchema(platform: Platform): TObject {
  return reshaped(platform.secrets, secret => Type.Array(secret, { minItems: 1 }))
}

/** `secrets` as people write them: one text or a list of them. */
export function writtenSecretsSchema(platform: Platform): TObject {
  return reshaped(platform.secrets, secret => Type.Union([secret, Type.Array(secret, { minItems: 1 })]))
}

/** `api` of a platform, with `endpoint`; undefined where the platform's webhooks need none. */
export function apiSchema(platform: Platform): TObject | undefined {
  if (platform.api === undefined) return undefined
  const endpoint = Type.Union([Type.Literal(SANDBOX), Address], {
    description: `In place of the platform’s own hosts: an http:// or https:// address, or ${SANDBOX}`
  })
  return reshaped({ ...platform.api, properties: { ...platform.api.properties, endpoint } })
}

/** The same members and no others, each put through `change`. */
function reshaped(object: TObject, change: (member: TSchema) => TSchema = member => member): TObject {
  const members = Object.entries(object.properties).map(([name, member]) => [name, change(strict(member))])
  return { ...object, ...closed, properties: Object.fromEntries(members) }
}

/** An adapter says `whsec_` as a pattern or in words; whether there is a key behind it, the format tells. */
function strict(member: TSchema): TSchema {
  return `${member.pattern} ${member.description}`.includes('whsec_')
    ? { format: 'whsec', ...member }
    : member
}
