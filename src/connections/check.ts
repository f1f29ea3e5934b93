import { Value } from '@sinclair/typebox/value'
import { suggestion } from '../config/nearest.ts'
import { DEFAULT_WORKSPACE } from '../config.ts'
import { isMembers, type Members } from '../model/members.ts'
import type { Platform } from '../platforms/platform.ts'
import { steps } from './advice.ts'
import type { Path, Problem } from './file.ts'
import { apiSchema, FileEntry, SANDBOX } from './schema.ts'
import { demoSecrets, secretProblems, weakSecrets } from './secrets.ts'
import { type Entry, entriesOf, misfits } from './shape.ts'
import { sharedKeys } from './shared-keys.ts'

export interface Findings {
  problems: Problem[]
  warnings: Problem[]
}

interface Surroundings {
  platforms: Record<string, Platform>
  /** Ids that a connection may name. */
  workspaces: string[]
  sandbox: boolean
}

/**
 * Everything that is wrong with a connections file, at once.
 * @param hasDefault whether the environment names a Seam workspace
 */
export function checkFile(file: unknown, platforms: Record<string, Platform>, hasDefault: boolean): Findings {
  const workspaces = entriesOf(file, 'workspaces')
  const connections = entriesOf(file, 'connections')
  const sandbox = isSandbox(file, hasDefault)
  const surroundings = {
    platforms,
    sandbox,
    workspaces: [
      ...(hasDefault || sandbox ? [DEFAULT_WORKSPACE] : []),
      ...workspaces.map(({ members }) => `${members.id}`)
    ]
  }
  const shared = sharedKeys(connections)
  return {
    problems: [
      ...misfits(FileEntry, file),
      ...repeatedIds(workspaces),
      ...repeatedIds(connections),
      ...workspaces.flatMap(workspace => [...workspaceProblems(workspace)]),
      ...connections.flatMap(connection => [...connectionProblems(connection, surroundings)]),
      ...shared.problems
    ],
    warnings: [
      ...(connections.length > 0
        ? []
        : [{ path: ['connections'], message: 'is empty; every webhook is refused' }]),
      ...connections.flatMap(connection => [...weakSecrets(connection)]),
      ...shared.warnings
    ]
  }
}

/** Whether nothing names a real Seam workspace: neither the environment nor the file. */
export function isSandbox(file: unknown, hasDefault: boolean): boolean {
  return !hasDefault && entriesOf(file, 'workspaces').length === 0
}

function* repeatedIds(entries: Entry[]): Generator<Problem> {
  const seen = new Set<unknown>([undefined])
  for (const { path, members } of entries) {
    if (members.id !== undefined && seen.has(members.id)) {
      yield { path: [...path, 'id'], message: 'is taken by an entry above; choose another' }
    }
    seen.add(members.id)
  }
}

function* workspaceProblems({ path, members }: Entry): Generator<Problem> {
  if (members.id === DEFAULT_WORKSPACE) {
    yield {
      path: [...path, 'id'],
      message: 'is what the environment’s own workspace is called; choose another'
    }
  }
  const key = members.api_key !== undefined
  const token = members.personal_access_token !== undefined
  const id = members.workspace_id !== undefined
  if (key ? token || id : !token || !id) {
    yield {
      path,
      message: 'needs either api_key, or personal_access_token together with workspace_id',
      ...(!key && { lacks: true })
    }
  }
}

function* connectionProblems({ path, members }: Entry, around: Surroundings): Generator<Problem> {
  yield* workspaceNamed(path, members.workspace, around)
  if (!around.sandbox) yield* demoLeftovers({ path, members })
  const name = members.platform
  if (typeof name !== 'string') return
  const platform = Object.hasOwn(around.platforms, name) ? around.platforms[name] : undefined
  if (platform === undefined) {
    const known = Object.keys(around.platforms)
    yield {
      path: [...path, 'platform'],
      message: `is not a platform that the relay knows${suggestion(name, known)}`
    }
    return
  }
  const { problems, described } = descriptionOf(platform, members.webhooks, [...path, 'webhooks'])
  yield* problems
  if (isMembers(members.secrets) && described !== undefined) {
    yield* secretProblems(described, members.secrets, [...path, 'secrets'])
  }
  if (isMembers(members.api)) yield* apiProblems(platform, members.api, [...path, 'api'])
}

/**
 * What is wrong with a description, and the platform that it describes. That is undefined as long as nobody can tell how it
 * verifies, and with it which secrets there are.
 */
function descriptionOf(
  platform: Platform,
  webhooks: unknown,
  path: Path
): { problems: Problem[]; described?: Platform } {
  const { title, description } = platform
  if (description === undefined) {
    const message = `is not needed; the relay knows the webhooks of ${title}. Remove it`
    return { problems: webhooks === undefined ? [] : [{ path, message }], described: platform }
  }
  if (webhooks === undefined)
    return { problems: [{ path, message: 'is missing; describe the platform’s webhooks here' }] }
  const problems = misfits(description.schema, webhooks, path)
  // A name that is not known keeps nobody from looking at the others.
  const known = Value.Clean(description.schema, structuredClone(webhooks))
  if (!isMembers(known)) return { problems }
  // Neither does one that does not fit; of such a member nothing more is said.
  const wrong = new Set([...Value.Errors(description.schema, known)].map(error => `${steps(error.path)[0]}`))
  const fitting = Object.fromEntries(Object.entries(known).filter(([name]) => !wrong.has(name)))
  const found = description.problems(fitting).filter(each => !wrong.has(`${each.path[0]}`))
  problems.push(...found.map(each => ({ ...each, path: [...path, ...each.path] })))
  const isProofWrong = problems.some(problem => problem.path[path.length] === 'verification')
  return isProofWrong
    ? { problems }
    : { problems, described: description.platform({ events: {}, ...fitting }) }
}

function* workspaceNamed(path: Path, named: unknown, { workspaces }: Surroundings): Generator<Problem> {
  const id = named ?? DEFAULT_WORKSPACE
  if (typeof id !== 'string' || workspaces.includes(id)) return
  const message =
    named === undefined
      ? `is missing; the environment has no SEAM_… credential, so name one of ${workspaces.join(', ')}`
      : `is not a workspace in this file${suggestion(id, workspaces)}`
  yield { path: [...path, 'workspace'], message }
}

function* demoLeftovers(connection: Entry): Generator<Problem> {
  yield* demoSecrets(connection)
  const { path, members } = connection
  if (isMembers(members.api) && members.api.endpoint === SANDBOX) {
    const message =
      'is the relay’s own stand-in, which is there in the sandbox only; remove it to reach the platform'
    yield { path: [...path, 'api', 'endpoint'], message }
  }
}

function apiProblems(platform: Platform, api: Members, path: Path): Problem[] {
  const schema = apiSchema(platform)
  if (schema !== undefined) return misfits(schema, api, path)
  return [{ path, message: `is not needed; webhooks of ${platform.title} carry everything. Remove it` }]
}
