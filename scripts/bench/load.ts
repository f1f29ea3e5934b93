import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'

export interface LoadResult {
  perSecond: number
  p50Ms: number
  p99Ms: number
  statuses: Record<string, number>
}

/** Of an answer, its head included. */
const MOST_ANSWER_BYTES = 64 * 1024

/**
 * Sends ready-made HTTP requests over so many connections, one at a time each, until all are answered or the time is up.
 * Raw sockets and a look at the few bytes that matter, because the usual load generators cost as much as the server they
 * measure, on a machine of two cores.
 * @param ports of one server, or of several that share the connections
 */
export async function load(
  ports: number[],
  requests: Buffer[],
  connections: number,
  maxMs: number
): Promise<LoadResult> {
  const latencies: number[] = []
  const statuses: Record<string, number> = {}
  const began = performance.now()
  let next = 0

  /** Sends, and on each answer sends the next. */
  function converse(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let sent = 0
      /** Bytes of the answer that have come. */
      let length = 0
      const answered = (chunk: number) => {
        length += chunk
        const status = statusOf(answer, length)
        if (status === undefined) return true
        length = 0
        latencies.push(performance.now() - sent)
        statuses[status] = (statuses[status] ?? 0) + 1
        send()
        return true
      }
      const answer = Buffer.alloc(MOST_ANSWER_BYTES)
      const socket = connect({
        host: '127.0.0.1',
        port,
        noDelay: true,
        // One buffer for all answers, where a stream would make one for each.
        onread: { buffer: () => answer.subarray(length), callback: answered }
      })
      const send = () => {
        const request = requests[next]
        if (request === undefined || performance.now() - began > maxMs) {
          resolve()
          return void socket.destroy()
        }
        next += 1
        sent = performance.now()
        socket.write(request)
      }
      socket.once('error', reject)
      // Nothing to whoever has had all its answers.
      socket.once('close', () => reject(new Error('the server closed a connection')))
      send()
    })
  }

  await Promise.all(
    Array.from({ length: connections }, (_each, index) => converse(Number(ports[index % ports.length])))
  )

  const seconds = (performance.now() - began) / 1000
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN
  return { perSecond: latencies.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99), statuses }
}

/** Of a whole answer with a content length; undefined while there is more to come. */
function statusOf(buffer: Buffer, length: number): string | undefined {
  const text = buffer.toString('latin1', 0, length)
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const bodyLength = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
  return text.length < end + 4 + bodyLength ? undefined : text.slice(9, 12)
}
