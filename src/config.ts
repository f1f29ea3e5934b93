import type { Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { type Environment, lookUp, type ReadFile, readText } from './config/environment.ts'
import { nearest } from './config/nearest.ts'
import {
  expected,
  type FieldName,
  fieldName,
  type SettingName,
  settingNames,
  settingOf,
  type settings
} from './config/settings.ts'
import { tracesProblems } from './config/traces.ts'
import { RelayError } from './errors.ts'
import type { Workspace } from './model/connection.ts'
import { LONGEST_RETRY_DAYS } from './model/retention.ts'

type Values = Static<typeof settings>
type Credential = 'SEAM_API_KEY' | 'SEAM_PERSONAL_ACCESS_TOKEN' | 'SEAM_WORKSPACE_ID'

/** Every setting under its camelCase name, units included; Seam's credentials are in `workspace` only. */
export type Config = Readonly<
  { [Name in Exclude<SettingName, Credential> as FieldName<Name>]-?: Values[Name] } & {
    /** The workspace of the environment; undefined where there is no credential. */
    workspace: Readonly<Workspace> | undefined
    /** True where the environment has no Seam credential. */
    sandbox: boolean
  }
>

/** The id of the environment's workspace. */
export const DEFAULT_WORKSPACE = 'default'

/**
 * Environment → settings.
 * @throws RelayError RELAY_CONFIG_INVALID; its message has one line for each wrong setting, and never a value
 */
export function loadConfig(env: Environment, readFile: ReadFile = readText): Config {
  const problems: string[] = []
  const given = new Set<SettingName>()
  const values: Partial<Record<SettingName, unknown>> = {}
  for (const name of settingNames) {
    const schema = settingOf(name)
    const found = schema.secret === true ? lookUp(env, name, readFile) : { value: env[name] }
    if (found.problem !== undefined) problems.push(`${name}: ${found.problem}`)
    if (found.value || found.problem) given.add(name)
    const value = found.value ? typed(name, found.value) : schema.default
    if (value === undefined || Value.Check(schema, value)) values[name] = value
    else problems.push(`${name}: give ${expected(schema)}`)
  }
  problems.push(
    ...credentialProblems(given),
    ...durationProblems(values),
    ...retentionProblems(values),
    ...unknownNames(env),
    ...tracesProblems(env)
  )
  if (problems.length > 0) throw new RelayError('RELAY_CONFIG_INVALID', problems.join('\n'))
  return assemble(values as Values)
}

/** Text → what the setting's schema speaks of; text that cannot be one is left for the schema to refuse. */
function typed(name: SettingName, text: string): unknown {
  if (settingOf(name).type === 'integer') return wholeNumber(text)
  if (name === 'RELAY_API_KEYS') return listed(text)
  if (name !== 'RELAY_TRUST_PROXY') return text
  if (text === 'true' || text === 'false') return text === 'true'
  const hops = wholeNumber(text)
  return typeof hops === 'number' ? hops : listed(text)
}

function listed(text: string): string[] {
  return text.split(',').map(each => each.trim())
}

function wholeNumber(text: string): number | string {
  return /^\d{1,15}$/.test(text) ? Number(text) : text
}

function assemble(values: Values): Config {
  const { SEAM_API_KEY, SEAM_PERSONAL_ACCESS_TOKEN, SEAM_WORKSPACE_ID, ...rest } = values
  const fields = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [fieldName(name as SettingName), value])
  )
  const seamEndpoint = withoutSlash(values.SEAM_ENDPOINT)
  const apiKey = SEAM_API_KEY ?? SEAM_PERSONAL_ACCESS_TOKEN
  const workspace = apiKey !== undefined && {
    id: DEFAULT_WORKSPACE,
    endpoint: seamEndpoint,
    apiKey,
    ...(SEAM_WORKSPACE_ID !== undefined && { seamWorkspaceId: SEAM_WORKSPACE_ID })
  }
  return Object.freeze({
    ...fields,
    seamEndpoint,
    workspace: workspace ? Object.freeze(workspace) : undefined,
    sandbox: !workspace
  }) as Config
}

/** Paths are appended to endpoints, and begin with a slash of their own. */
export function withoutSlash(address: string): string {
  return address.replace(/\/+$/, '')
}

function* credentialProblems(given: Set<SettingName>): Generator<string> {
  const key = given.has('SEAM_API_KEY')
  const token = given.has('SEAM_PERSONAL_ACCESS_TOKEN')
  const workspace = given.has('SEAM_WORKSPACE_ID')
  if (key && (token || workspace)) {
    yield 'SEAM_API_KEY: keep either this, or SEAM_PERSONAL_ACCESS_TOKEN with SEAM_WORKSPACE_ID'
  } else if (token && !workspace) {
    yield 'SEAM_WORKSPACE_ID: is missing; a personal access token needs it'
  } else if (workspace && !token) {
    yield 'SEAM_PERSONAL_ACCESS_TOKEN: is missing; SEAM_WORKSPACE_ID is of use only with it'
  }
  if (given.has('SEAM_ENDPOINT') && !key && !token) {
    yield 'SEAM_ENDPOINT: is given without a credential; set SEAM_API_KEY too, or neither for the sandbox'
  }
}

/** Pairs in which the first must last longer than the second. */
const longer: [SettingName, SettingName][] = [
  // A lease that ends while its call is under way would have the same work done twice.
  ['RELAY_LEASE_MS', 'RELAY_SEAM_TIMEOUT_MS'],
  ['RELAY_LEASE_MS', 'RELAY_HYDRATION_TIMEOUT_MS'],
  ['RELAY_SHUTDOWN_TIMEOUT_MS', 'RELAY_DRAIN_DELAY_MS']
]

function* durationProblems(values: Partial<Record<SettingName, unknown>>): Generator<string> {
  for (const [name, other] of longer) {
    const [long, short] = [values[name], values[other]]
    if (typeof long === 'number' && typeof short === 'number' && long <= short) {
      yield `${name}: give more than ${other} (${short})`
    }
  }
}

/** What can run again has a history; and nothing that can run again, or still come, is older than what is remembered. */
function* retentionProblems(values: Partial<Record<SettingName, unknown>>): Generator<string> {
  const bodies = Number(values.RELAY_KEEP_BODIES_DAYS)
  const history = Number(values.RELAY_KEEP_HISTORY_DAYS)
  const tombstones = Number(values.RELAY_KEEP_TOMBSTONES_DAYS)
  if (history < bodies) yield `RELAY_KEEP_HISTORY_DAYS: give RELAY_KEEP_BODIES_DAYS (${bodies}) or more`
  if (tombstones <= history + LONGEST_RETRY_DAYS) {
    yield `RELAY_KEEP_TOMBSTONES_DAYS: give more than RELAY_KEEP_HISTORY_DAYS (${history}) and ${LONGEST_RETRY_DAYS} days, for which a platform may repeat its webhooks`
  }
}

/** What Kubernetes sets by itself in every container beside a Service whose name begins with `relay`. */
const serviceName = /^RELAY_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)$/
const servicePort = { name: /^RELAY_(\w+_)?PORT$/, value: /^(tcp|udp|sctp):\/\// }

function* unknownNames(env: Environment): Generator<string> {
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('RELAY_') || !value || isKnown(name)) continue
    if (serviceName.test(name) || (servicePort.name.test(name) && servicePort.value.test(value))) continue
    const bare = name.slice('RELAY_'.length)
    const meant = isKnown(bare) ? bare : nearest(name, settingNames)
    yield `${name}: is not a setting; ${meant === undefined ? 'unset it, or' : `did you mean ${meant}? Otherwise`} give it a name without RELAY_`
  }
}

function isKnown(name: string): boolean {
  const file = settingNames.find(each => `${each}_FILE` === name)
  return (settingNames as string[]).includes(name) || (file !== undefined && settingOf(file).secret === true)
}
