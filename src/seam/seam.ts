import { Pool } from 'undici'
import type { Operation } from '../model/call.ts'
import type { Workspace } from '../model/connection.ts'
import { isTaken, requestIdOf, type SeamAnswer, SeamError, seamErrorOf } from './seam-error.ts'
import { unlessLate } from './unless-late.ts'

/** Seam answers in a few words; whoever sends more is somebody else. */
const MAX_REPLY_BYTES = 1024 * 1024

export interface SeamReply {
  status: number
  requestId: string | undefined
}

/** Seam's two calls for one workspace. No retry here: when to call again is the lane's to decide. */
export interface Seam {
  /** @param latest when it is too late to send it, as performance.now() tells the time @throws SeamError */
  call(operation: Operation, body: object, signal?: AbortSignal, latest?: number): Promise<SeamReply>
  /** Where it is, for those who tell it. */
  readonly endpoint?: URL
  close(): Promise<void>
}

export interface SeamOptions {
  workspace: Workspace
  timeoutMs: number
  connections: number
  now(): number
}

/** Deletion goes by POST too: Seam's newer DELETE puts keys into the address, which logs and proxies keep. */
export function seamClient({ workspace, timeoutMs, connections, now }: SeamOptions): Seam {
  const endpoint = new URL(workspace.endpoint)
  const prefix = endpoint.pathname.replace(/\/+$/, '')
  const pool = new Pool(endpoint.origin, {
    connections,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connectTimeout: timeoutMs,
    maxResponseSize: MAX_REPLY_BYTES
  })
  const headers = {
    authorization: `Bearer ${workspace.apiKey}`,
    'content-type': 'application/json',
    accept: 'application/json',
    'user-agent': 'seam-relay',
    ...(workspace.seamWorkspaceId !== undefined && { 'seam-workspace': workspace.seamWorkspaceId })
  }

  async function ask(
    operation: Operation,
    body: object,
    signal: AbortSignal | undefined,
    latest: number
  ): Promise<SeamAnswer> {
    const line = pool.compose(
      dispatch => (options, handler) =>
        dispatch(
          options,
          unlessLate(handler, () => performance.now() >= latest)
        )
    )
    const deadline = AbortSignal.timeout(timeoutMs)
    try {
      const reply = await line.request({
        origin: endpoint.origin,
        method: 'POST',
        path: `${prefix}/customers/${operation}`,
        headers,
        body: JSON.stringify(body),
        signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline])
      })
      return { status: reply.statusCode, headers: reply.headers, text: await reply.body.text() }
    } catch (cause) {
      const why = deadline.aborted ? `no answer within ${timeoutMs} ms` : `no answer (${codeOf(cause)})`
      throw new SeamError('retry', `Seam ${operation}: ${why}`, { cause })
    }
  }

  return {
    endpoint,
    async call(operation, body, signal, latest = Number.POSITIVE_INFINITY) {
      const answer = await ask(operation, body, signal, latest)
      if (!isTaken(answer)) throw seamErrorOf(operation, answer, now())
      return { status: answer.status, requestId: requestIdOf(answer) }
    },
    close: () => pool.close()
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error ? error.name : 'unknown'
}
