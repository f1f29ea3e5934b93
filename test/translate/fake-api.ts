import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export interface ApiCall {
  method: string
  /** With the query, as it was written. */
  path: string
  headers: IncomingHttpHeaders
  body: string
  reply: ServerResponse
}

export interface ApiAnswer {
  status: number
  headers?: Record<string, string>
  /** Text as it is, anything else as JSON. */
  body?: unknown
}

/** A platform's API on a real port, whose answers the test decides. */
export interface FakeApi {
  endpoint: string
  calls: ApiCall[]
  /** `reset` breaks the connection; undefined leaves the call without an answer. */
  respond(call: ApiCall): ApiAnswer | 'reset' | undefined
  /** Resolves when so many calls have come in. */
  called(times: number): Promise<void>
}

export async function fakeApi(t: Test): Promise<FakeApi> {
  let seen: () => void = () => {}
  const server = createServer((request, reply) => {
    void textOf(request).then(body => {
      const { method = '', url = '', headers } = request
      const call = { method, path: url, headers, body, reply }
      api.calls.push(call)
      const response = api.respond(call)
      if (response === 'reset') request.socket.resetAndDestroy()
      else if (response !== undefined) answer(call, response)
      seen()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const api: FakeApi = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    respond: () => ({ status: 200, body: {} }),
    async called(times) {
      while (api.calls.length < times) {
        await new Promise<void>(resolve => {
          seen = resolve
        })
      }
    }
  }
  return api
}

export function answer({ reply }: ApiCall, { status, headers = {}, body = '' }: ApiAnswer): void {
  reply.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
