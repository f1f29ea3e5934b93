import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { seamClient } from '../../src/seam/seam.ts'

/** The whole process stands still, as after SIGSTOP. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

t.test('a process that stood still for too long does not send what it was about to send', async t => {
  let calls = 0
  const server = createServer((_request, reply) => {
    calls += 1
    reply.setHeader('content-type', 'application/json').end('{"ok":true}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const workspace = { id: 'default', endpoint, apiKey: 'seam_test_late' }
  const seam = seamClient({ workspace, timeoutMs: 10_000, connections: 1, now: Date.now })
  t.teardown(() => seam.close())

  const late = seam.call('push_data', {}, undefined, performance.now() + 20)
  standStill(40)
  await t.rejects(late, { name: 'SeamError', code: 'RELAY_SEAM_UNAVAILABLE' })
  t.equal(calls, 0)
  await seam.call('push_data', {}, undefined, performance.now() + 10_000)
  t.equal(calls, 1)
})
