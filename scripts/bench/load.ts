import { connect, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'

export interface LoadResult {
  perSecond: number
  p50Ms: number
  p99Ms: number
  statuses: Record<string, number>
}

/**
 * Sends ready-made HTTP requests over so many connections, one at a time each, until all are answered or the time is up.
 * Raw sockets, because the usual load generators cost as much as the server they measure, on a machine of two cores.
 */
export async function load(
  port: number,
  requests: Buffer[],
  connections: number,
  maxMs: number
): Promise<LoadResult> {
  const latencies: number[] = []
  const statuses: Record<string, number> = {}
  const began = performance.now()
  let next = 0

  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(port, '127.0.0.1').setNoDelay(true)
      const answers = responsesOf(socket)
      while (next < requests.length && performance.now() - began < maxMs) {
        const request = requests[next]
        next += 1
        if (request === undefined) break
        const sent = performance.now()
        socket.write(request)
        const { value: status } = await answers.next()
        latencies.push(performance.now() - sent)
        statuses[String(status)] = (statuses[String(status)] ?? 0) + 1
      }
      socket.destroy()
    })
  )

  const seconds = (performance.now() - began) / 1000
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN
  return { perSecond: latencies.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99), statuses }
}

/** Statuses of the responses on a connection; enough HTTP for answers with a content length. */
async function* responsesOf(socket: Socket): AsyncGenerator<number> {
  let text = ''
  for await (const chunk of socket) {
    text += chunk.toString('latin1')
    for (;;) {
      const end = text.indexOf('\r\n\r\n')
      if (end < 0) break
      const length = Number(/content-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0)
      if (text.length < end + 4 + length) break
      const status = Number(text.slice(9, 12))
      text = text.slice(end + 4 + length)
      yield status
    }
  }
}
