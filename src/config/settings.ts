import { type SchemaOptions, type Static, type TSchema, Type } from '@sinclair/typebox'
import './formats.ts'

/** What every setting carries beside its type and range. */
interface SettingOptions extends SchemaOptions {
  description: string
  unit?: string
  /** What to write, where the type does not say it. */
  expects?: string
  /** May also be given as `<NAME>_FILE`, and is never shown. */
  secret?: true
}

const KIB = 1024
const MIB = 1024 * KIB

function whole(value: number, [minimum, maximum]: [number, number], options: SettingOptions) {
  return Type.Integer({ default: value, minimum, maximum, ...options })
}

function text(options: SettingOptions) {
  return Type.String({
    format: 'trimmed',
    expects: 'text without white space around it or control characters',
    ...options
  })
}

const MINUTES = 60_000
/** Ten years. */
const MOST_DAYS = 3650

/** Every setting, by its name in the environment. `.env.example` and `docs/settings.md` are generated from this. */
export const settings = Type.Object({
  HOST: text({ default: '127.0.0.1', description: 'Address to listen on; 0.0.0.0 inside a container.' }),
  PORT: whole(3000, [0, 65_535], { description: 'Port to listen on; 0 takes any free one.' }),
  LOG_LEVEL: Type.Union(
    (['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const).map(level =>
      Type.Literal(level)
    ),
    { default: 'info', description: 'Least important log line that is still written.' }
  ),
  DATABASE_URL: Type.String({
    default: 'file:./data/relay.db',
    pattern: '^(file:.|postgres(ql)?://.)',
    expects: 'file: and a path, or postgres://user:password@host:port/database',
    secret: true,
    description:
      'Where deliveries and the desired state are kept: the file of the embedded store, or a PostgreSQL database, which several relays may share. One host. TLS as in libpq: ?sslmode=verify-full&sslrootcert=…; without sslrootcert the public CAs of Node count, and without sslmode nothing is encrypted.'
  }),
  RELAY_DATABASE_POOL: whole(10, [4, 500], {
    unit: 'connections',
    description: 'Connections to PostgreSQL that one relay opens at most.'
  }),
  RELAY_DATABASE_POOLER: Type.Union([Type.Literal('none'), Type.Literal('transaction')], {
    default: 'none',
    description:
      'What stands before PostgreSQL: none, or a pooler such as PgBouncer in transaction mode (transaction); then the relay looks for work instead of being woken.'
  }),
  RELAY_DATABASE_TIMEOUT_MS: whole(10_000, [100, 10 * MINUTES], {
    unit: 'ms',
    description: 'How long PostgreSQL may take to let us in, and for one statement.'
  }),
  RELAY_MIGRATE: Type.Union([Type.Literal('start'), Type.Literal('never')], {
    default: 'start',
    description:
      'When the schema of the store is brought up to date: at every start, or never, and then with "seam-relay migrate".'
  }),
  SEAM_API_KEY: Type.Optional(
    Type.String({
      // The prefixes are those that Seam's own SDK demands and refuses.
      pattern: '^seam_(?!at|cst|pk)\\S+$',
      expects: 'an API key of the workspace (seam_…); seam_at… belongs in SEAM_PERSONAL_ACCESS_TOKEN',
      secret: true,
      description:
        'API key of the Seam workspace. Without any Seam credential the relay sends to its own sandbox.'
    })
  ),
  SEAM_PERSONAL_ACCESS_TOKEN: Type.Optional(
    Type.String({
      pattern: '^seam_at\\S+$',
      expects: 'a personal access token (seam_at…)',
      secret: true,
      description: 'Personal access token, instead of SEAM_API_KEY and together with SEAM_WORKSPACE_ID.'
    })
  ),
  SEAM_WORKSPACE_ID: Type.Optional(
    text({ description: 'The workspace that the personal access token is used for.' })
  ),
  SEAM_ENDPOINT: Type.String({
    default: 'https://connect.getseam.com',
    format: 'web-address',
    expects: 'an http:// or https:// address without query or password',
    description: 'Where Seam answers; a path prefix is fine.'
  }),
  RELAY_API_KEYS: Type.Array(Type.String({ pattern: '^seam_relay_[^\\s,]+$' }), {
    default: [],
    secret: true,
    expects: 'seam_relay_ and random characters each (24 or more are safe), separated by commas',
    description:
      'API keys with which internal services make Seam’s calls here, for every customer; "seam-relay keys create" makes keys that may do less.'
  }),
  RELAY_METRICS_TOKEN: Type.Optional(
    Type.String({
      pattern: '^\\S{16,}$',
      expects: 'at least 16 characters without white space',
      secret: true,
      description:
        'What Prometheus has to send as a bearer token to read /metrics; without it whoever reaches the relay may read them.'
    })
  ),
  RELAY_ADMIN_TOKEN: Type.Optional(
    Type.String({
      pattern: '^[!-~]{16,}$',
      secret: true,
      expects: '16 or more letters, digits and signs without white space',
      description:
        'Token of whoever looks after the relay: everything under /api/v1, and the dashboard. Keys that may do less come from "seam-relay keys create --scope operate".'
    })
  ),
  RELAY_PUBLIC_URL: Type.Optional(
    Type.String({
      format: 'web-address',
      expects: 'an http:// or https:// address without query or password',
      description:
        'Where platforms reach the relay, such as https://relay.example.com; shown with the addresses to enter there. Without it, the address under which it was asked.'
    })
  ),
  RELAY_CONNECTIONS_FILE: text({
    default: './connections.yaml',
    description:
      'The connections: which platforms send, and for which Seam customer; see docs/connections.md.'
  }),
  RELAY_TRUST_PROXY: Type.Union(
    [
      Type.Boolean(),
      Type.Integer({ minimum: 1, maximum: 32 }),
      Type.Array(Type.String({ format: 'trusted-proxy' }), { minItems: 1 })
    ],
    {
      default: false,
      expects: 'false, true, a number of proxies (1 to 32), or addresses and CIDR ranges separated by commas',
      description:
        'Which proxies in front of the relay are trusted for the sender’s address (X-Forwarded-For): false, true, how many, or their ranges.'
    }
  ),
  RELAY_MAX_BODY_BYTES: whole(MIB, [KIB, 100 * MIB], {
    unit: 'bytes',
    description: 'Largest request body; larger ones are answered 413.'
  }),
  RELAY_MAX_UNVERIFIED: whole(256, [1, 65_536], {
    unit: 'requests',
    description: 'Requests per connection whose body is being read or verified; more are answered 429.'
  }),
  RELAY_MAX_QUEUED: whole(4096, [1, 1_000_000], {
    unit: 'deliveries',
    description: 'Deliveries waiting for the store; more are answered 503.'
  }),
  RELAY_REJECTED_KEPT: whole(100, [0, 10_000], {
    unit: 'requests',
    description: 'Newest rejected requests kept per connection, to be looked at and taken in again.'
  }),
  RELAY_REJECTED_KEPT_BYTES: whole(4 * MIB, [0, 1024 * MIB], {
    unit: 'bytes',
    description: 'Their size altogether, per connection.'
  }),
  RELAY_QUIET_WINDOW_MS: whole(1000, [0, 10 * MINUTES], {
    unit: 'ms',
    description: 'How long a customer’s changes are collected before they are sent.'
  }),
  RELAY_BATCH_RESOURCES: whole(500, [1, 10_000], {
    unit: 'resources',
    description: 'Most resources in one call to Seam.'
  }),
  RELAY_BATCH_BYTES: whole(512 * KIB, [4 * KIB, 16 * MIB], {
    unit: 'bytes',
    description: 'Largest body of one call to Seam.'
  }),
  RELAY_SYNC_CONCURRENCY: whole(8, [1, 256], {
    unit: 'customers',
    description:
      'Customers of one workspace that are sent at the same time. The second, third and fourth workspace add two each.'
  }),
  RELAY_SEAM_TIMEOUT_MS: whole(20_000, [100, 10 * MINUTES], {
    unit: 'ms',
    description: 'How long a call to Seam may take.'
  }),
  RELAY_HYDRATION_TIMEOUT_MS: whole(15_000, [100, 10 * MINUTES], {
    unit: 'ms',
    description: 'How long a platform’s API may take to answer.'
  }),
  RELAY_LEASE_MS: whole(25_000, [1000, 60 * MINUTES], {
    unit: 'ms',
    description:
      'A claim on work expires after this, so that another relay takes over what a dead one had; longer than the two time-outs above.'
  }),
  RELAY_KEEP_BODIES_DAYS: whole(30, [1, MOST_DAYS], {
    unit: 'days',
    description:
      'How long the body of a delivery is kept after it came to its end, and with it names, e-mails and phones; afterwards it cannot run again. Dead letters keep theirs with the history.'
  }),
  RELAY_KEEP_HISTORY_DAYS: whole(90, [1, MOST_DAYS], {
    unit: 'days',
    description: 'How long it is kept what became of deliveries, and which calls were made to Seam.'
  }),
  RELAY_KEEP_TOMBSTONES_DAYS: whole(180, [1, MOST_DAYS], {
    unit: 'days',
    description:
      'How long it is remembered that something was cancelled or deleted, so that an older webhook does not bring it back.'
  }),
  RELAY_DRAIN_DELAY_MS: whole(5000, [0, 10 * MINUTES], {
    unit: 'ms',
    description: 'When stopping: how long requests are still accepted after /readyz has turned false.'
  }),
  RELAY_SHUTDOWN_TIMEOUT_MS: whole(25_000, [100, 60 * MINUTES], {
    unit: 'ms',
    description: 'When stopping: how long it may take altogether, the drain delay included.'
  }),
  RELAY_SANDBOX_FILE: text({
    default: './data/sandbox.db',
    description: 'What the sandbox remembers; used only without a Seam credential.'
  })
})

export type SettingName = keyof Static<typeof settings>

export const settingNames = Object.keys(settings.properties) as SettingName[]

export type Setting = TSchema & SettingOptions

export function settingOf(name: SettingName): Setting {
  return settings.properties[name] as TSchema as Setting
}

/** `RELAY_MAX_BODY_BYTES` → `maxBodyBytes`, `SEAM_ENDPOINT` → `seamEndpoint`. */
export type FieldName<Name extends string> = Name extends `RELAY_${infer Rest}` ? Camel<Rest> : Camel<Name>

type Camel<Words extends string> = Words extends `${infer First}_${infer Rest}`
  ? `${Lowercase<First>}${Capitalize<Camel<Rest>>}`
  : Lowercase<Words>

export function fieldName<Name extends SettingName>(name: Name): FieldName<Name> {
  return name
    .replace(/^RELAY_/, '')
    .toLowerCase()
    .replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()) as FieldName<Name>
}

/** What may be written, as a phrase. */
export function expected({ type, minimum, maximum, anyOf, expects }: Setting): string {
  if (expects !== undefined) return expects
  if (type === 'integer') return `a whole number from ${minimum} to ${maximum}`
  return `one of ${(anyOf as { const: string }[]).map(option => option.const).join(', ')}`
}
