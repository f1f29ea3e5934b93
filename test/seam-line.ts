import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Test } from 'tap'
import { Agent, request } from 'undici'
import type { Stop } from './pausing-process.ts'

/**
 * The line between a relay and the sandbox, on which a call or its answer may be late. Broken connections are broken on both sides.
 * @param at called with every call before it goes on to the sandbox, and with its answer before that goes back
 * @returns the address that is Seam to the relay
 */
export async function openSeamLine(
  t: Test,
  sandbox: string,
  at: () => (stop: Stop) => Promise<void>
): Promise<string> {
  const dispatcher = new Agent({ connections: 8 })
  const server = createServer(async (incoming, outgoing) => {
    const process = at()
    const { 'content-type': type = '', authorization = '' } = incoming.headers
    try {
      const body = await buffer(incoming)
      await process('call')
      const reply = await request(`${sandbox}${incoming.url}`, {
        method: 'POST',
        headers: { 'content-type': type, authorization },
        body,
        dispatcher
      })
      const text = await reply.body.text()
      await process('called')
      const { 'content-length': _length, connection: _connection, ...headers } = reply.headers
      outgoing.writeHead(reply.statusCode, headers).end(text)
    } catch {
      outgoing.destroy()
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(async () => {
    server.closeAllConnections()
    server.close()
    await dispatcher.destroy()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
