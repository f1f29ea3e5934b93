import { createHash } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { type Environment, lookUp, type ReadFile, readText } from './config/environment.ts'
import { type Config, DEFAULT_WORKSPACE, withoutSlash } from './config.ts'
import { checkFile, isSandbox } from './connections/check.ts'
import {
  type ConnectionsFile,
  type Path,
  type Problem,
  pathText,
  readConnectionsFile
} from './connections/file.ts'
import { type FindFiles, findFiles as findThem, readSamples } from './connections/sample-files.ts'
import {
  type ConnectionEntry,
  type FileEntry,
  type PlaceEntry,
  SANDBOX,
  type WorkspaceEntry
} from './connections/schema.ts'
import { asLists } from './connections/secrets.ts'
import { RelayError, reasonOf } from './errors.ts'
import type { Connection, DescribedWebhooks, PlaceSettings, Workspace } from './model/connection.ts'
import { writtenOffset, writtenText } from './model/filled-text.ts'
import { isMembers } from './model/members.ts'
import { lineAt } from './platforms/custom/expression.ts'
import type { Platform } from './platforms/platform.ts'

export interface Connections {
  /**
   * The environment's own first, under {@link DEFAULT_WORKSPACE}. In the sandbox that is all, with the word `sandbox`
   * for an endpoint; see {@link resolveSandboxWorkspaces}.
   */
  workspaces: Workspace[]
  connections: Connection[]
  /** True where nothing names a real Seam workspace: neither the environment nor the file. */
  sandbox: boolean
  /** What does not keep the relay from starting and should be looked at; one line each. */
  warnings: string[]
}

export interface ConnectionsOptions {
  config: Pick<Config, 'connectionsFile' | 'seamEndpoint' | 'workspace'>
  /** For `${NAME}` in the file. */
  env: Environment
  platforms: Record<string, Platform>
  readFile?: ReadFile
  findFiles?: FindFiles
}

export interface LoadedConnections extends Connections {
  /** Where a member stands, such as `connections.yaml:12:5`; with an offset, where that character of its text does. */
  where(path: Path, offset?: number): string
}

/**
 * Reads the connections file and checks all of it.
 * @throws RelayError RELAY_CONFIG_INVALID; its message has one line for each wrong place, and never a secret
 */
export function loadConnections(options: ConnectionsOptions): LoadedConnections {
  const { config, env, platforms, readFile = readText, findFiles = findThem } = options
  const name = config.connectionsFile.replace(/^\.\//, '')
  const text = readOrExplain(config.connectionsFile, name, readFile)
  const file = readConnectionsFile(text, variable => lookUp(env, variable, readFile))
  // Broken syntax leaves nothing to check.
  const findings =
    file.value === undefined
      ? { problems: [], warnings: [] }
      : checkFile(file.value, platforms, config.workspace !== undefined)
  const isUnset = ({ path, lacks }: Problem) =>
    lacks && file.problems.some(each => path.every((step, depth) => each.path[depth] === step))
  // Whoever sets the variable has mended both.
  const problems = [...file.problems, ...findings.problems.filter(problem => !isUnset(problem))]
  if (problems.length > 0) {
    throw new RelayError('RELAY_CONFIG_INVALID', lines(name, file, problems).join('\n'))
  }
  const { workspaces = [], connections } = file.value as FileEntry
  return {
    workspaces: [
      ...defaultWorkspace(config.workspace, workspaces.length === 0),
      ...workspaces.map(entry => workspaceOf(entry, config.seamEndpoint))
    ],
    connections: connections.map((entry, index) => {
      const { webhooks } = entry as ConnectionEntry
      const connection = connectionOf(entry as ConnectionEntry, platforms)
      if (webhooks === undefined) return connection
      const bodies = readSamples(webhooks.samples, config.connectionsFile, { readFile, findFiles })
      const written = writtenEvents(file, ['connections', index, 'webhooks', 'events'], webhooks.events)
      return { ...connection, webhooks: { description: webhooks, bodies, written } }
    }),
    sandbox: isSandbox(file.value, config.workspace !== undefined),
    warnings: lines(name, file, findings.warnings),
    where(path, offset) {
      const { line, col } = file.position(path, offset)
      return `${name}:${line}:${col}`
    }
  }
}

function readOrExplain(path: string, name: string, readFile: ReadFile): string {
  try {
    return readFile(path)
  } catch (cause) {
    const reason = reasonOf(cause)
    const message =
      reason === 'ENOENT'
        ? `${name}: is not there; copy the example connections.yaml that comes with the relay, or set RELAY_CONNECTIONS_FILE`
        : `${name}: cannot be read (${reason}); check its permissions`
    throw new RelayError('RELAY_CONFIG_INVALID', message, { cause })
  }
}

/** `connections.yaml:12:5 connections[0].time_zone: what to do`, in the file's order, one for each place. */
function lines(name: string, file: ConnectionsFile, problems: Problem[]): string[] {
  const byPath = new Map<string, { line: number; col: number; text: string }>()
  for (const problem of problems) {
    const { path, offset } = problem
    const { line, col } = file.position(path, offset)
    const where = pathText(path)
    const message = messageOf(problem, file)
    // The first finding is the cause of the others: what is not set is also missing.
    if (!byPath.has(where))
      byPath.set(where, { line, col, text: `${name}:${line}:${col} ${where || 'the file'}: ${message}` })
  }
  return [...byPath.values()].sort((a, b) => a.line - b.line || a.col - b.col).map(({ text }) => text)
}

/** What was put in for a variable may be a secret; the file's own words are no more than what it holds anyhow. */
function messageOf({ path, message, bare, offset = 0 }: Problem, file: ConnectionsFile): string {
  const pieces = file.filled(path)
  if (pieces === undefined || bare === undefined) return message
  return `${bare}; in: ${lineAt(writtenText(pieces), writtenOffset(pieces, offset))}`
}

function writtenEvents(file: ConnectionsFile, path: Path, events = {}): DescribedWebhooks['written'] {
  return Object.fromEntries(
    Object.keys(events).flatMap(type => {
      const pieces = file.filled([...path, type])
      return pieces === undefined ? [] : [[type, pieces]]
    })
  )
}

function defaultWorkspace(given: Config['workspace'], alone: boolean): Workspace[] {
  if (given !== undefined) return [given]
  return alone ? [{ id: DEFAULT_WORKSPACE, endpoint: SANDBOX, apiKey: 'seam_test_sandbox' }] : []
}

function workspaceOf(entry: WorkspaceEntry, seamEndpoint: string): Workspace {
  return {
    id: entry.id,
    endpoint: entry.endpoint === undefined ? seamEndpoint : withoutSlash(entry.endpoint),
    // The check has seen that one of them is there.
    apiKey: `${entry.api_key ?? entry.personal_access_token}`,
    ...(entry.workspace_id !== undefined && { seamWorkspaceId: entry.workspace_id })
  }
}

function connectionOf(entry: ConnectionEntry, platforms: Record<string, Platform>): Connection {
  const { lists, api } = entry
  const platform = platforms[entry.platform] as Platform
  return {
    id: entry.id,
    platform: platform.name,
    customerKey: entry.customer_key,
    workspaceId: entry.workspace ?? DEFAULT_WORKSPACE,
    allowFrom: (entry.allow_from ?? []).map(asRange),
    secrets: asLists(entry.secrets) as Connection['secrets'],
    api: api?.endpoint === undefined ? api : { ...api, endpoint: withoutSlash(api.endpoint) },
    timeZone: entry.time_zone,
    checkInTime: entry.check_in_time,
    checkOutTime: entry.check_out_time,
    country: entry.country,
    tentative: entry.tentative ?? 'hold',
    preferredCode: entry.preferred_code ?? platform.preferredCode,
    preferredCodeField: entry.preferred_code_field,
    lists: {
      place: lists?.place ?? 'spaces',
      guest: lists?.guest ?? 'guests',
      stay: lists?.stay ?? 'reservations'
    },
    places: Object.fromEntries(Object.entries(entry.places ?? {}).map(([id, place]) => [id, placeOf(place)]))
  }
}

/** A single address is the range that holds nothing else. */
function asRange(address: string): string {
  return address.includes('/') ? address : `${address}/${isIPv4(address) ? 32 : 128}`
}

/** Only what is told, so that it can be laid over what the platform tells. */
function placeOf({ time_zone, check_in_time, check_out_time, ...same }: PlaceEntry): PlaceSettings {
  return {
    ...same,
    ...(time_zone !== undefined && { timeZone: time_zone }),
    ...(check_in_time !== undefined && { checkInTime: check_in_time }),
    ...(check_out_time !== undefined && { checkOutTime: check_out_time })
  }
}

/**
 * Puts the address of the relay's own stand-ins where connections say `endpoint: sandbox`. Done once the relay listens,
 * as only then a port of 0 has become a real one.
 * @param origin such as `http://127.0.0.1:3000`
 */
export function resolveSandboxEndpoints(connections: Connection[], origin: string): Connection[] {
  return connections.map(connection =>
    connection.api?.endpoint === SANDBOX
      ? {
          ...connection,
          api: { ...connection.api, endpoint: `${origin}/sandbox/connections/${connection.id}` }
        }
      : connection
  )
}

/** The same for the sandbox's workspace. @param endpoint where the stand-in for Seam answers */
export function resolveSandboxWorkspaces(workspaces: Workspace[], endpoint: string): Workspace[] {
  return workspaces.map(workspace =>
    workspace.endpoint === SANDBOX ? { ...workspace, endpoint } : workspace
  )
}

/**
 * Changes whenever the connection's resources at Seam would look different or lie elsewhere, so that they can be written
 * again after an edit of the file; stays the same when secrets or addresses change. Hexadecimal SHA-256.
 */
export function settingsHash(connection: Connection): string {
  const { customerKey, workspaceId, lists, places, timeZone, checkInTime, checkOutTime } = connection
  const { country, preferredCode, preferredCodeField } = connection
  const settings = { customerKey, workspaceId, lists, places, timeZone, checkInTime, checkOutTime }
  return createHash('sha256')
    .update(JSON.stringify({ ...settings, country, preferredCode, preferredCodeField }, sortedMembers))
    .digest('hex')
}

/** The order in which an operator writes places is no difference. */
function sortedMembers(_name: string, value: unknown): unknown {
  return isMembers(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value
}
