import { type ChildProcess, fork } from 'node:child_process'
import { createHmac, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type LoadResult, load } from './bench/load.ts'
import type { Order } from './bench/report.ts'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    connections: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '3' },
    bytes: { type: 'string', default: '2048' }
  }
})
const connections = Number(values.connections)
const rounds = Number(values.rounds)
const MAX_MS = 60_000
/** Until then the servers' code is still being compiled, on a thread that takes its time from the others. */
const WARM_UP_REQUESTS = 20_000
const SECRET = 'bench-signing-secret'

interface Subject {
  name: string
  file: string
  env: Record<string, string>
}

interface Measured extends LoadResult {
  /** Processor time per request, microseconds: of the event loop's thread, and of the whole server. */
  mainUs: number
  allUs: number
  loopP99Ms: number
  memoryMb: number
}

const subjects: Subject[] = [
  { name: 'bare Fastify: parse, answer', file: 'bare.ts', env: {} },
  { name: 'relay: verify, store, fsync, answer', file: 'relay.ts', env: { BENCH_LOOPS: 'off' } },
  { name: 'relay, translating and sending meanwhile', file: 'relay.ts', env: {} }
]

const dir = mkdtempSync(join(tmpdir(), 'seam-relay-bench-'))
try {
  writeFileSync(
    join(dir, 'connections.yaml'),
    `connections:\n  - { id: bench, platform: hospitable, customer_key: bench, secrets: { signing_secret: ${SECRET} } }\n`
  )
  const results = new Map<string, Measured[]>(subjects.map(subject => [subject.name, []]))
  // In turn, so that whatever else the machine does falls on all alike; each round has requests of its own.
  for (let round = 1; round <= rounds; round += 1) {
    const requests = requestsOf(Number(values.requests), Number(values.bytes))
    for (const subject of subjects) results.get(subject.name)?.push(await measure(subject, requests, round))
  }
  print(results)
} finally {
  rmSync(dir, { recursive: true })
}

async function measure(subject: Subject, requests: Buffer[], round: number): Promise<Measured> {
  const child = fork(join(import.meta.dirname, 'bench', subject.file), {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      LOG_LEVEL: 'warn',
      DATABASE_URL: `file:${join(dir, `${subject.file}-${subject.env.BENCH_LOOPS ?? 'on'}-${round}.db`)}`,
      RELAY_CONNECTIONS_FILE: join(dir, 'connections.yaml'),
      RELAY_SANDBOX_FILE: join(dir, `sandbox-${round}-${subject.env.BENCH_LOOPS ?? 'on'}.db`),
      ...subject.env
    }
  })
  const { port } = await answerOf<{ port: number }>(child)
  await load(port, requestsOf(WARM_UP_REQUESTS, Number(values.bytes)), connections, MAX_MS)
  child.send('begin' satisfies Order)
  const result = await load(port, requests, connections, MAX_MS)
  child.send('end' satisfies Order)
  const server = await answerOf<{ mainCpuMs: number; allCpuMs: number; loopP99Ms: number; memoryMb: number }>(
    child
  )
  child.kill('SIGKILL')
  await once(child, 'exit')
  const failed = Object.entries(result.statuses).filter(([status]) => status !== '200')
  if (failed.length > 0) throw new Error(`${subject.name}: answers other than 200: ${JSON.stringify(failed)}`)
  const usEach = (ms: number) => (ms * 1000) / requests.length
  return { ...result, ...server, mainUs: usEach(server.mainCpuMs), allUs: usEach(server.allCpuMs) }
}

async function answerOf<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the server ended with ${code}`)
  })
  const [message] = await Promise.race([once(child, 'message'), ended])
  return message as T
}

/** Hospitable bodies of the wished size, each with an id and a booking of its own, signed. */
function requestsOf(count: number, bytes: number): Buffer[] {
  return Array.from({ length: count }, () => {
    const reservation = {
      id: randomUUID(),
      platform: 'airbnb',
      platform_id: 'HMBENCH001',
      check_in: '2027-03-12T16:00:00-04:00',
      check_out: '2027-03-15T11:00:00-04:00',
      reservation_status: { current: { category: 'accepted', sub_category: null }, history: [] },
      guest: { id: randomUUID(), first_name: 'Bench', last_name: 'Guest', email: null, phone_numbers: [] },
      properties: [{ id: `place-${Math.floor(Math.random() * 50)}`, name: 'Bench' }],
      note: ''
    }
    const event = {
      id: randomUUID(),
      action: 'reservation.created',
      created: new Date().toISOString(),
      version: 'v2',
      data: reservation
    }
    reservation.note = 'x'.repeat(Math.max(bytes - JSON.stringify(event).length, 0))
    const body = JSON.stringify(event)
    const signature = createHmac('sha256', SECRET).update(body).digest('hex')
    return Buffer.from(
      `POST /webhooks/hospitable/bench HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\nsignature: ${signature}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
    )
  })
}

function print(results: Map<string, Measured[]>): void {
  const median = (list: number[]) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN
  const of = (list: Measured[], field: Exclude<keyof Measured, 'statuses'>) =>
    median(list.map(each => each[field]))
  const bare = of([...results.values()][0] ?? [], 'perSecond')
  console.log(
    `${values.requests} requests of ${values.bytes} bytes, ${connections} connections, median of ${rounds} rounds\n`
  )
  console.log(
    `${''.padEnd(42)}${['per s', 'ratio', 'p50 ms', 'p99 ms', 'loop p99', 'main µs', 'all µs', 'MB'].map(head => head.padStart(9)).join('')}`
  )
  for (const [name, list] of results) {
    const cells = [
      of(list, 'perSecond').toFixed(0),
      (of(list, 'perSecond') / bare).toFixed(2),
      of(list, 'p50Ms').toFixed(1),
      of(list, 'p99Ms').toFixed(1),
      of(list, 'loopP99Ms').toFixed(1),
      of(list, 'mainUs').toFixed(0),
      of(list, 'allUs').toFixed(0),
      of(list, 'memoryMb').toFixed(0)
    ]
    console.log(`${name.padEnd(42)}${cells.map(cell => cell.padStart(9)).join('')}`)
  }
}
