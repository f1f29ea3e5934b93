import type { FastifyRequest } from 'fastify'
import type { BodyProblem } from '../model/body-problem.ts'
import { brokenTexts, mayBeBroken } from '../model/broken-text.ts'
import type { Operation } from '../model/call.ts'
import type { Caller } from '../model/caller.ts'
import { parseJson } from '../model/delivery.ts'
import { DAY_MS } from '../model/durations.ts'
import {
  type ContractRules,
  checkDeleteData,
  checkPushData,
  type DeleteData,
  type PushData
} from '../seam/contract.ts'
import { type Failure, invalid, invalidFields } from './envelope.ts'
import { withLastOfEach } from './lenient.ts'
import { isJson } from './media-type.ts'
import { advised, advisedOfDeletion, silentProblems } from './strict.ts'

/** A body that may go on, and its bytes as they are kept. */
export type ReadCall = { bytes: Uint8Array } & (
  | { operation: 'push_data'; body: PushData }
  | { operation: 'delete_data'; body: DeleteData }
)

const NO_BODY = Buffer.from('{}')
/** A caller's clock may be ahead of ours by so much. */
const FURTHEST_AHEAD_MS = DAY_MS

/**
 * A request → what it says, or why it is not taken. Where nothing is sent, an empty object is meant: Seam's documents do
 * not require a body.
 */
export function readCall(
  operation: Operation,
  request: FastifyRequest,
  { strict }: Caller
): ReadCall | Failure {
  const sent = request.body instanceof Uint8Array ? request.body : NO_BODY
  const inQuery = request.method === 'DELETE'
  if (inQuery && sent.byteLength > 0 && sent !== NO_BODY) {
    return invalid('DELETE takes its keys from the query string, so send no body; or send it with POST')
  }
  if (operation === 'delete_data' && !inQuery && hasKeys(queryOf(request.url))) {
    return invalid(
      'POST takes its keys from the body, so send no query; or send it with DELETE, without a body'
    )
  }
  if (!inQuery && sent.byteLength > 0 && sent !== NO_BODY && !isJson(request)) {
    return invalid(
      'Send the body as JSON, uncompressed: content-type: application/json',
      'invalid_content_type'
    )
  }
  const value = inQuery ? listsInQuery(request.url) : parsed(sent)
  if (value === undefined) {
    return invalid(inQuery ? 'The query is not percent-encoded UTF-8' : 'The body is not JSON in UTF-8')
  }
  const rules = strict ? 'strict' : 'stripping'
  const problems = operation === 'push_data' ? pushProblems(value, rules) : deletionProblems(value, rules)
  if (problems !== undefined) return invalidFields(problems)
  const broken = inQuery || mayBeBroken(sent) ? brokenTexts(value) : []
  if (broken.length > 0) return invalidFields(broken)
  const body = operation === 'push_data' && !strict ? withLastOfEach(value as PushData) : value
  const asSent = strict && !inQuery && sent.byteLength > 0
  const bytes = asSent ? sent : Buffer.from(JSON.stringify(body))
  return { operation, body, bytes } as ReadCall
}

function pushProblems(value: unknown, rules: ContractRules): BodyProblem[] | undefined {
  const problems = checkPushData(value, rules)
  if (problems !== undefined) return problems.map(advised)
  const silent = rules === 'strict' ? silentProblems(value as PushData) : []
  return silent.length > 0 ? silent : undefined
}

function deletionProblems(value: unknown, rules: ContractRules): BodyProblem[] | undefined {
  return checkDeleteData(value, rules)?.map(advisedOfDeletion)
}

function parsed(body: Uint8Array): unknown {
  if (body.byteLength === 0) return {}
  try {
    return parseJson(body)
  } catch {
    return undefined
  }
}

/**
 * The lists of delete_data as the official SDK writes them since `@seamapi/http` 2.15: a parameter for each key, a comma
 * is part of the key, one empty value is the empty list, and `_strict` is about the reading itself.
 * @returns undefined where it is not percent-encoded UTF-8, of which `URLSearchParams` makes other keys silently
 */
function listsInQuery(url: string): Record<string, string[]> | undefined {
  const query = queryOf(url)
  try {
    decodeURIComponent(query)
  } catch {
    return undefined
  }
  const lists: Record<string, string[]> = Object.create(null)
  for (const [name, value] of new URLSearchParams(query)) {
    if (name === '_strict') continue
    lists[name] ??= []
    lists[name].push(value)
  }
  for (const values of Object.values(lists)) {
    if (values.length === 1 && values[0] === '') values.length = 0
  }
  return lists
}

function queryOf(url: string): string {
  const start = url.indexOf('?')
  return start < 0 ? '' : url.slice(start)
}

/** Whether somebody may take a query for the keys that are to go. */
function hasKeys(query: string): boolean {
  return [...new URLSearchParams(query).keys()].some(name => /_keys?$/.test(name))
}

/** The caller's own clock, where it gives one. */
export function versionOf(
  header: string | string[] | undefined,
  now: number
): { version: number | undefined } | Failure {
  if (header === undefined) return { version: undefined }
  const version = /^\d{1,15}$/.test(String(header)) ? Number(header) : undefined
  if (version === undefined) return invalid('Relay-Version must be whole milliseconds since 1970')
  if (version > now + FURTHEST_AHEAD_MS) {
    return invalid('Relay-Version must be milliseconds since 1970, and at most 24 hours ahead')
  }
  return { version }
}
