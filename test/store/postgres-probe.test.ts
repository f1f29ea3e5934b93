import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { probe } from '../../src/store/postgres-probe.ts'

/** "Authenticated", the key by which a session may be called back, and "ready", as PostgreSQL 3.0 says them. */
const WELCOME = Buffer.from('520000000800000000' + '4b0000000c0000002a00000007' + '5a0000000549', 'hex')

/** Greets the first one, and hangs up as soon as anything is asked; hangs up on all others at once. */
async function leavingServer(t: Test) {
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
  return { server, sockets, url: `postgres://relay@127.0.0.1:${port}/relay` }
}

/** Nobody waits for what calls a session back: an error that it lets go would end the process. */
async function someTurns(): Promise<void> {
  for (let turns = 0; turns < 10; turns += 1) await turn()
}

const refused = { code: 'RELAY_STORE_UNAVAILABLE' }

t.test('a probe that cannot be called back either, as the server is gone, is one that failed', async t => {
  const { server, sockets, url } = await leavingServer(t)
  const second = once(server, 'connection').then(() => once(server, 'connection'))
  await t.rejects(probe({ url, timeoutMs: 5_000, pooled: false }, true), refused)
  await second
  if (sockets[1]?.closed === false) await once(sockets[1], 'close')
  await someTurns()
  t.equal(sockets.length, 2, 'it was tried')
})

t.test('behind a pooler, whose sessions are not ours, nothing is called back', async t => {
  const { sockets, url } = await leavingServer(t)
  await t.rejects(probe({ url, timeoutMs: 5_000, pooled: true }, true), refused)
  await someTurns()
  t.equal(sockets.length, 1)
})
