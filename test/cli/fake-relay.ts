import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export type Answer = (request: IncomingMessage, reply: ServerResponse) => void

/** Something that answers each request in turn, and the last of them from then on. @returns its origin */
export async function serving(t: Test, ...answers: Answer[]): Promise<string> {
  const server = createServer((request, reply) => {
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    answer?.(request, reply)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A relay that knows these addresses below /api/v1. @returns its origin */
export function answering(t: Test, known: Record<string, object>): Promise<string> {
  return serving(t, ({ url = '' }, reply) => {
    const path = url.replace(/^\/api\/v1|\?.*$/g, '')
    const answer = known[path]
    const problem = { code: 'RELAY_NOT_FOUND', detail: 'There is nothing at this address.' }
    reply.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
    reply.end(JSON.stringify(answer ?? problem))
  })
}
