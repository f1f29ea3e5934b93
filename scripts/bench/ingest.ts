import { join } from 'node:path'
import { emptyDatabase, openDatabases } from './databases.ts'
import { pushes, webhooks } from './requests.ts'
import { type Measured, measured, median } from './servers.ts'

export interface IngestOptions {
  dir: string
  requests: number
  connections: number
  rounds: number
  bytes: number
}

interface Subject {
  name: string
  file: string
  env: Record<string, string>
  /** On PostgreSQL, so many processes over one database; otherwise one process on a file of its own. */
  replicas?: number
}

/** Until then the servers' code is still being compiled, on a thread that takes its time from the others. */
const WARM_UP_REQUESTS = 20_000
const loopsOff = { BENCH_LOOPS: 'off' }

/** Requests that are taken in, against a server that keeps nothing. */
export async function benchIngest(options: IngestOptions): Promise<void> {
  const { dir, rounds, connections } = options
  const comparisons: { of: string; requests(count: number): Buffer[]; subjects: Subject[] }[] = [
    {
      of: `webhooks of ${options.bytes} bytes`,
      requests: count => webhooks(count, options.bytes),
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
        { name: 'relay: check, store, fsync, answer', file: 'relay.ts', env: loopsOff },
        { name: 'relay on PostgreSQL', file: 'relay.ts', env: loopsOff, replicas: 1 }
      ]
    }
  ]
  const databases = await openDatabases()
  try {
    let stores = 0
    for (const { of, requests, subjects } of comparisons) {
      const results = new Map<string, Measured[]>(subjects.map(subject => [subject.name, []]))
      // In turn, so that whatever else the machine does falls on all alike; each round has requests of its own.
      for (let round = 1; round <= rounds; round += 1) {
        const sent = requests(options.requests)
        for (const { name, file, env, replicas } of subjects) {
          stores += 1
          const onFile = `file:${join(dir, `relay-${stores}.db`)}`
          const url = replicas === undefined ? onFile : await emptyDatabase(databases.url)
          const servers = { file, env, url, dir, count: replicas ?? 1 }
          results.get(name)?.push(await measured(servers, sent, requests(WARM_UP_REQUESTS), connections))
        }
      }
      print(`${options.requests} ${of}, ${connections} connections, median of ${rounds} rounds`, results)
    }
  } finally {
    await databases.close()
  }
}

function print(what: string, results: Map<string, Measured[]>): void {
  const bare = [...results.values()][0] ?? []
  console.log(`\n${what}\n`)
  console.log(
    `${''.padEnd(42)}${['per s', 'ratio', 'p50 ms', 'p99 ms', 'loop p99', 'main µs', 'all µs', 'MB'].map(head => head.padStart(9)).join('')}`
  )
  for (const [name, list] of results) {
    const of = (field: Exclude<keyof Measured, 'statuses'>) => median(list.map(each => each[field]))
    // Each against the bare server of its own round: the machine's speed moves from one to the next.
    const ratio = median(list.map((each, round) => each.perSecond / (bare[round]?.perSecond ?? Number.NaN)))
    const cells = [
      of('perSecond').toFixed(0),
      ratio.toFixed(2),
      of('p50Ms').toFixed(1),
      of('p99Ms').toFixed(1),
      of('loopP99Ms').toFixed(1),
      of('mainUs').toFixed(0),
      of('allUs').toFixed(0),
      of('memoryMb').toFixed(0)
    ]
    console.log(`${name.padEnd(42)}${cells.map(cell => cell.padStart(9)).join('')}`)
  }
}
