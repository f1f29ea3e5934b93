import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import type { Test } from 'tap'

/**
 * A way to a server by which it can be told who asks: bytes both ways, and a word at each request.
 * @returns its origin
 */
export async function gatewayTo(t: Test, origin: string, onRequest: () => void): Promise<string> {
  const { hostname, port } = new URL(origin)
  const server = createServer(near => {
    const far = connect(Number(port), hostname)
    near.on('data', bytes => {
      if (bytes.subarray(0, 5).toString('latin1') === 'POST ') onRequest()
    })
    near.pipe(far).pipe(near)
    near.on('error', () => far.destroy())
    far.on('error', () => near.destroy())
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
