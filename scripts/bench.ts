import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { emptyDatabase, openDatabases } from './bench/databases.ts'
import { type LoadResult, load } from './bench/load.ts'
import type { Order } from './bench/report.ts'
import { API_KEY, pushes, SIGNING_SECRET, webhooks } from './bench/requests.ts'

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

interface Subject {
  name: string
  file: string
  env: Record<string, string>
  /** On PostgreSQL, so many processes over one database; otherwise one process on a file of its own. */
  replicas?: number
}

interface Measured extends LoadResult {
  /** Processor time per request, microseconds: of the event loop's thread, and of the whole server. */
  mainUs: number
  allUs: number
  loopP99Ms: number
  memoryMb: number
}

const loopsOff = { BENCH_LOOPS: 'off' }
const comparisons: { of: string; requests(count: number): Buffer[]; subjects: Subject[] }[] = [
  {
    of: `webhooks of ${values.bytes} bytes`,
    requests: count => webhooks(count, Number(values.bytes)),
    subjects: [
      { name: 'bare Fastify: parse, answer', file: 'bare.ts', env: {} },
      { name: 'relay: verify, store, fsync, answer', file: 'relay.ts', env: loopsOff },
      { name: 'relay, translating and sending meanwhile', file: 'relay.ts', env: {} },
      { name: 'relay on PostgreSQL', file: 'relay.ts', env: loopsOff, replicas: 1 },
      { name: 'three relays on PostgreSQL', file: 'relay.ts', env: loopsOff, replicas: 3 }
    ]
  },
  {
    of: 'pushes of one reservation and one guest',
    requests: pushes,
    subjects: [
      { name: 'bare Fastify: parse, answer', file: 'bare.ts', env: {} },
      { name: 'relay: check, store, fsync, answer', file: 'relay.ts', env: loopsOff }
    ]
  }
]

/** What a server says that it took. */
interface Costs {
  mainCpuMs: number
  allCpuMs: number
  loopP99Ms: number
  memoryMb: number
}

/** Servers so far: each has files of its own. */
let started = 0

const dir = mkdtempSync(join(tmpdir(), 'seam-relay-bench-'))
const databases = await openDatabases()
try {
  writeFileSync(
    join(dir, 'connections.yaml'),
    `connections:\n  - { id: bench, platform: hospitable, customer_key: bench, secrets: { signing_secret: ${SIGNING_SECRET} } }\n`
  )
  for (const { of, requests, subjects } of comparisons) {
    const results = new Map<string, Measured[]>(subjects.map(subject => [subject.name, []]))
    // In turn, so that whatever else the machine does falls on all alike; each round has requests of its own.
    for (let round = 1; round <= rounds; round += 1) {
      const sent = requests(Number(values.requests))
      for (const subject of subjects)
        results.get(subject.name)?.push(await measure(subject, sent, requests(WARM_UP_REQUESTS)))
    }
    print(of, results)
  }
} finally {
  await databases.close()
  rmSync(dir, { recursive: true })
}

async function measure(subject: Subject, requests: Buffer[], warmUp: Buffer[]): Promise<Measured> {
  const url =
    subject.replicas === undefined
      ? `file:${join(dir, `relay-${started}.db`)}`
      : await emptyDatabase(databases.url)
  const servers: ChildProcess[] = []
  const ports: number[] = []
  for (let replica = 0; replica < (subject.replicas ?? 1); replica += 1) {
    const server = startServer(subject, url)
    servers.push(server)
    ports.push((await answerOf<{ port: number }>(server)).port)
  }
  await load(ports, warmUp, connections, MAX_MS)
  for (const server of servers) server.send('begin' satisfies Order)
  const result = await load(ports, requests, connections, MAX_MS)
  const costs: Costs[] = []
  for (const server of servers) {
    server.send('end' satisfies Order)
    costs.push(await answerOf<Costs>(server))
    server.kill('SIGKILL')
    await once(server, 'exit')
  }
  const failed = Object.entries(result.statuses).filter(([status]) => status !== '200')
  if (failed.length > 0) throw new Error(`${subject.name}: answers other than 200: ${JSON.stringify(failed)}`)
  const sum = (field: keyof Costs) => costs.reduce((total, each) => total + each[field], 0)
  const usEach = (ms: number) => (ms * 1000) / requests.length
  return {
    ...result,
    loopP99Ms: Math.max(...costs.map(each => each.loopP99Ms)),
    memoryMb: sum('memoryMb'),
    mainUs: usEach(sum('mainCpuMs')),
    allUs: usEach(sum('allCpuMs'))
  }
}

function startServer({ file, env }: Subject, url: string): ChildProcess {
  started += 1
  return fork(join(import.meta.dirname, 'bench', file), {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      LOG_LEVEL: 'warn',
      DATABASE_URL: url,
      RELAY_CONNECTIONS_FILE: join(dir, 'connections.yaml'),
      RELAY_SANDBOX_FILE: join(dir, `sandbox-${started}.db`),
      RELAY_API_KEYS: API_KEY,
      ...env
    }
  })
}

async function answerOf<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the server ended with ${code}`)
  })
  const [message] = await Promise.race([once(child, 'message'), ended])
  return message as T
}

function print(what: string, results: Map<string, Measured[]>): void {
  const median = (list: number[]) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN
  const of = (list: Measured[], field: Exclude<keyof Measured, 'statuses'>) =>
    median(list.map(each => each[field]))
  const bare = of([...results.values()][0] ?? [], 'perSecond')
  console.log(`\n${values.requests} ${what}, ${connections} connections, median of ${rounds} rounds\n`)
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
