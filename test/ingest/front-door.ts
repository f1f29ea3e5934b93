import { once } from 'node:events'
import { connect } from 'node:net'
import { platforms } from '../../src/platforms/registry.ts'
import type { Store } from '../../src/store/store.ts'
import type { TestRelay } from '../open-relay.ts'

export interface Posted {
  path: string
  headers: Record<string, string>
  body: Uint8Array
}

/** A request as the connection's platform would sign it; `more` comes on top. */
export function signed(
  relay: TestRelay,
  connectionId: string,
  body: string | Uint8Array,
  more: { id?: string; headers?: Record<string, string>; query?: Record<string, string> } = {}
): Posted {
  const { platform: name, secrets } = relay.connection(connectionId)
  const bytes = Buffer.from(body)
  const proof = platforms[name]?.verification.sign(bytes, secrets, {
    now: relay.clock.now,
    id: more.id ?? 'msg_1'
  })
  const query = new URLSearchParams({ ...more.query, ...proof?.query }).toString()
  const token = proof?.token === undefined ? '' : `/${proof.token}`
  return {
    path: `/webhooks/${name}/${connectionId}${token}${query === '' ? '' : `?${query}`}`,
    headers: { 'content-type': 'application/json', ...proof?.headers, ...more.headers },
    body: proof?.body ?? bytes
  }
}

/** A cancelled Cal.com booking, the shortest body that is understood. */
export function calcomBody(uid = 'b1', createdAt = '2027-01-10T11:00:00.000Z'): string {
  return JSON.stringify({
    triggerEvent: 'BOOKING_CANCELLED',
    createdAt,
    payload: { uid, status: 'CANCELLED' }
  })
}

/** The newest deliveries last. */
export function storedDeliveries(relay: { store: Store }) {
  return relay.store.db.selectFrom('deliveries').selectAll().orderBy('id').execute()
}

/** Counts by `connection cause`. Rejections are stored behind the answers: asks the store until so many are there. */
export async function rejectedCounts(
  relay: { store: Store },
  total: number
): Promise<Record<string, number>> {
  const read = () => relay.store.db.selectFrom('rejected_counts').selectAll().execute()
  const rows = await until(read, all => all.reduce((sum, row) => sum + row.count, 0) >= total)
  return Object.fromEntries(rows.map(row => [`${row.connection_id} ${row.cause}`, row.count]))
}

/** The kept requests, once there are so many. */
export function keptRequests(relay: { store: Store }, total: number) {
  const read = () => relay.store.db.selectFrom('rejected').selectAll().orderBy('id').execute()
  return until(read, rows => rows.length >= total)
}

const MOST_LOOKS = 10_000

/** Looks again and again; each look lets the event loop turn. The last one counts, so that a test fails on its value. */
export async function until<T>(look: () => T | Promise<T>, isEnough: (value: T) => boolean): Promise<T> {
  let value = await look()
  for (let looks = 1; looks < MOST_LOOKS && !isEnough(value); looks += 1) {
    await new Promise(resolve => setImmediate(resolve))
    value = await look()
  }
  return value
}

export interface Told {
  status: number
  headers: Record<string, string>
  body: string
}

/** The bytes of one request over a socket of its own, as they are; what comes back until the relay closes it. */
export async function raw(origin: string, ...pieces: (string | Uint8Array)[]): Promise<Told> {
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  const chunks: Buffer[] = []
  socket.on('data', chunk => chunks.push(chunk))
  // A relay that refuses to read on may reset the connection; what it said before counts.
  socket.on('error', () => {})
  const closed = once(socket, 'close')
  await once(socket, 'connect')
  for (const piece of pieces) {
    if (!socket.writable) break
    await new Promise(resolve => socket.write(piece, resolve))
  }
  await closed
  return toldOf(Buffer.concat(chunks).toString())
}

export function toldOf(text: string): Told {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  const headers = lines.map(line => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  return {
    status: Number(first.split(' ')[1]),
    headers: Object.fromEntries(headers),
    body: rest.join('\r\n\r\n')
  }
}

/** The head of a request that ends the connection after it. */
export function headOf(method: string, path: string, headers: Record<string, string | number> = {}): string {
  const lines = Object.entries({ host: 'relay', connection: 'close', ...headers }).map(
    ([name, value]) => `${name}: ${value}`
  )
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
}

/** A store whose commits can be held back, or refused. */
export function tamed(store: Store): Store & {
  hold(): void
  letGo(): void
  refuse(error: Error | undefined): void
  commits: number
} {
  const held: (() => void)[] = []
  let holding = false
  let refusal: Error | undefined
  return {
    ...store,
    commits: 0,
    async commit(writes) {
      if (refusal !== undefined) throw refusal
      if (holding) await new Promise<void>(resolve => held.push(resolve))
      this.commits += 1
      return store.commit(writes)
    },
    waiting: () => store.waiting() + held.length,
    ping: () => (refusal === undefined ? store.ping() : Promise.reject(refusal)),
    close: () => store.close(),
    hold() {
      holding = true
    },
    letGo() {
      holding = false
      for (const go of held.splice(0)) go()
    },
    refuse(error) {
      refusal = error
    }
  }
}
