import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import packageFile from '../../package.json' with { type: 'json' }
import { type LoadResult, load } from './load.ts'
import type { Order } from './report.ts'
import { API_KEY } from './requests.ts'

const MAX_MS = 60_000
/** What `npm start` gives to Node. */
const AS_STARTED = packageFile.scripts.start.split(' ').filter(word => word.startsWith('--'))

export interface Servers {
  /** Beside this file. */
  file: string
  env: Record<string, string>
  /** Of the store, which all of them share. */
  url: string
  count: number
  /** Where connections.yaml lies, and room for what they write. */
  dir: string
}

/** What a server says that it took. */
interface Costs {
  mainCpuMs: number
  allCpuMs: number
  loopP99Ms: number
  memoryMb: number
}

export interface Measured extends LoadResult {
  /** Processor time per request, microseconds: of the event loop's thread, and of the whole server. */
  mainUs: number
  allUs: number
  loopP99Ms: number
  memoryMb: number
}

/** Starts servers, lets them warm up, measures, and ends them. @throws where an answer was no 200 */
export async function measured(
  servers: Servers,
  requests: Buffer[],
  warmUp: Buffer[],
  connections: number
): Promise<Measured> {
  const started: ChildProcess[] = []
  try {
    const ports: number[] = []
    for (let index = 0; index < servers.count; index += 1) {
      const server = start(servers, index)
      started.push(server)
      ports.push((await answerOf<{ port: number }>(server)).port)
    }
    await load(ports, warmUp, connections, MAX_MS)
    for (const server of started) server.send('begin' satisfies Order)
    const result = await load(ports, requests, connections, MAX_MS)
    const costs: Costs[] = []
    for (const server of started) {
      server.send('end' satisfies Order)
      costs.push(await answerOf<Costs>(server))
    }
    const failed = Object.entries(result.statuses).filter(([status]) => status !== '200')
    if (failed.length > 0) throw new Error(`answers other than 200: ${JSON.stringify(failed)}`)
    const sum = (field: keyof Costs) => costs.reduce((total, each) => total + each[field], 0)
    const usEach = (ms: number) => (ms * 1000) / requests.length
    return {
      ...result,
      loopP99Ms: Math.max(...costs.map(each => each.loopP99Ms)),
      memoryMb: sum('memoryMb'),
      mainUs: usEach(sum('mainCpuMs')),
      allUs: usEach(sum('allCpuMs'))
    }
  } finally {
    for (const server of started) await end(server)
  }
}

export function start({ file, env, url, dir }: Omit<Servers, 'count'>, index: number): ChildProcess {
  return fork(join(import.meta.dirname, file), {
    execArgv: AS_STARTED,
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      LOG_LEVEL: 'warn',
      DATABASE_URL: url,
      RELAY_CONNECTIONS_FILE: join(dir, 'connections.yaml'),
      RELAY_SANDBOX_FILE: join(dir, `sandbox-${index}.db`),
      RELAY_API_KEYS: API_KEY,
      ...env
    }
  })
}

export async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  server.kill('SIGKILL')
  await once(server, 'exit')
}

export async function answerOf<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the server ended with ${code}`)
  })
  const [message] = await Promise.race([once(child, 'message'), ended])
  return message as T
}

export function median(list: number[]): number {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN
}
