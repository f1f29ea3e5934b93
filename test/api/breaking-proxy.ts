import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface BreakingProxy {
  origin: string
  /** How many connections were broken so far. */
  broken(): number
}

/**
 * Between a client and a relay: hands everything on, and breaks the first `times` connections at the moment the relay
 * has answered, so that the request was processed and nobody was told. It closes with the test.
 */
export async function breakingProxy(t: Test, origin: string, times: number): Promise<BreakingProxy> {
  const sockets = new Set<Socket>()
  let broken = 0
  const server = createServer(client => {
    const relay = connect(Number(new URL(origin).port), '127.0.0.1')
    for (const socket of [client, relay]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        relay.destroy()
      })
    }
    client.pipe(relay)
    relay.on('data', chunk => {
      if (broken >= times) return void client.write(chunk)
      broken += 1
      client.resetAndDestroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { origin: `http://127.0.0.1:${port}`, broken: () => broken }
}
