import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export interface FakeAnswer {
  status: number
  headers?: Record<string, string>
  /** Text as it is, anything else as JSON. */
  body?: unknown
}

export interface FakeCall {
  path: string
  operation: string
  headers: IncomingHttpHeaders
  body: Record<string, unknown>
  /** Length of the body as it was sent. */
  bytes: number
  answer(answer: FakeAnswer): void
  /** Breaks the connection instead of answering. */
  reset(): void
}

/** Seam, played by a test that decides itself when and how each call is answered. */
export interface FakeSeam {
  endpoint: string
  /** In the order of their arrival. */
  calls: FakeCall[]
  /** What to do with a call; undefined holds it until the test answers it. */
  respond(call: FakeCall): FakeAnswer | 'reset' | undefined
  /** The next call that nobody has waited for yet. */
  next(): Promise<FakeCall>
  /** Most calls that were open at once. */
  mostOpen: number
}

export const ok: FakeAnswer = { status: 200, headers: { 'seam-request-id': 'req_1' }, body: { ok: true } }

export function refusal(status: number, type: string, message = 'no'): FakeAnswer {
  return { status, headers: { 'seam-request-id': 'req_2' }, body: { error: { type, message }, ok: false } }
}

export async function fakeSeam(t: Test): Promise<FakeSeam> {
  const arrived: FakeCall[] = []
  const waiting: ((call: FakeCall) => void)[] = []
  let open = 0

  const server = createServer((request, reply) => {
    open += 1
    fake.mostOpen = Math.max(fake.mostOpen, open)
    reply.once('close', () => {
      open -= 1
    })
    void read(request).then(text => {
      const call = callOf(request, reply, text)
      fake.calls.push(call)
      const taker = waiting.shift()
      if (taker === undefined) arrived.push(call)
      else taker(call)
      const response = fake.respond(call)
      if (response === 'reset') call.reset()
      else if (response !== undefined) call.answer(response)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })

  const fake: FakeSeam = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    respond: () => ok,
    next() {
      const call = arrived.shift()
      return call === undefined ? new Promise(resolve => waiting.push(resolve)) : Promise.resolve(call)
    },
    mostOpen: 0
  }
  return fake
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function callOf(request: IncomingMessage, reply: ServerResponse, text: string): FakeCall {
  const path = request.url ?? ''
  return {
    path,
    operation: path.slice(path.lastIndexOf('/') + 1),
    headers: request.headers,
    body: JSON.parse(text),
    bytes: Buffer.byteLength(text),
    answer({ status, headers = {}, body }) {
      const isText = typeof body === 'string'
      reply.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json', ...headers })
      reply.end(isText || body === undefined ? body : JSON.stringify(body))
    },
    reset: () => request.socket.resetAndDestroy()
  }
}

/** What a call is about, list by list: `guests: g1 g2`. */
export function listsOf(call: FakeCall): Record<string, string[]> {
  const lists = Object.entries(call.body).filter(([, value]) => Array.isArray(value)) as [string, unknown[]][]
  return Object.fromEntries(lists.map(([list, entries]) => [list, entries.map(keyOf)]))
}

function keyOf(entry: unknown): string {
  if (typeof entry === 'string') return entry
  const key = Object.entries(entry as Record<string, unknown>).find(([name]) => name.endsWith('_key'))
  return String(key?.[1])
}
