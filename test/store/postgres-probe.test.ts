import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { probe } from '../../src/store/postgres-probe.ts'

/** "Authenticated", the key by which a session may be called back, and "ready", as PostgreSQL 3.0 says them. */
const WELCOME = Buffer.from('520000000800000000' + '4b0000000c0000002a00000007' + '5a0000000549', 'hex')

t.test(
  'a probe that cannot be called back either, as the server is gone, ends as one that failed',
  async t => {
    const sockets: Socket[] = []
    const server = createServer(socket => {
      sockets.push(socket)
      socket.on('error', () => undefined)
      if (sockets.length > 1) return void socket.destroy()
      socket.once('data', () => {
        socket.write(WELCOME)
        socket.once('data', () => socket.destroy())
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => server.close())
    const { port } = server.address() as AddressInfo
    const url = `postgres://relay@127.0.0.1:${port}/relay`
    const second = once(server, 'connection').then(() => once(server, 'connection'))
    await t.rejects(probe({ url, timeoutMs: 5_000, pooled: false }, true), {
      code: 'RELAY_STORE_UNAVAILABLE'
    })
    await second
    if (sockets[1]?.closed === false) await once(sockets[1], 'close')
    // Nobody waits for what calls back: an error that it lets go would end the process.
    for (let turns = 0; turns < 10; turns += 1) await turn()
    t.equal(sockets.length, 2, 'it was tried')
  }
)
