import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Takes every call at once, and counts: what a backlog costs is to be the relay's own time. */
export async function startSeamStub() {
  let calls = 0
  const server = createServer((request, reply) => {
    calls += 1
    request.resume().once('end', () => {
      reply.writeHead(200, { 'content-type': 'application/json', 'seam-request-id': `bench-${calls}` })
      reply.end('{"ok":true}')
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => calls,
    close: () => {
      server.close()
      server.closeAllConnections()
    }
  }
}
