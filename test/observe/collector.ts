import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** A span as a collector is told of it. */
export interface CollectedSpan {
  name: string
  kind: string
  traceId: string
  spanId: string
  /** Empty at the beginning of a trace. */
  parentId: string
  attributes: Record<string, unknown>
  links: { traceId: string; spanId: string }[]
  failed: boolean
  message: string
}

export interface Collected {
  resource: Record<string, unknown>
  spans: CollectedSpan[]
}

export interface Collector {
  origin: string
  /** What came, and on which path, with which headers. */
  requests: { path: string; headers: IncomingMessage['headers'] }[]
  resource(): Record<string, unknown>
  spans(): CollectedSpan[]
  /** The bytes as they came. */
  bytes(): string
  /** Resolves with the next request. */
  next(): Promise<unknown>
  /** How it answers from now on; undefined: never. */
  answer(status: number | undefined): void
}

/** What takes spans by OTLP over HTTP, in protobuf. It closes with the test. */
export async function openCollector(t: Pick<Test, 'teardown'>): Promise<Collector> {
  const requests: Collector['requests'] = []
  const collected: Collected[] = []
  let bytes = ''
  let status: number | undefined = 200
  const server = createServer(async (request, reply) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const body = Buffer.concat(parts)
    requests.push({ path: String(request.url), headers: request.headers })
    if (status === 200) {
      bytes += body.toString('latin1')
      collected.push(...resourceSpansIn(body))
    }
    if (status !== undefined) reply.writeHead(status).end()
    server.emit('taken')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    resource: () => Object.assign({}, ...collected.map(each => each.resource)),
    spans: () => collected.flatMap(each => each.spans),
    bytes: () => bytes,
    next: () => once(server, 'taken'),
    answer(next) {
      status = next
    }
  }
}

const kinds = ['', 'internal', 'server', 'client', 'producer', 'consumer']
const STATUS_ERROR = 2

type Value = bigint | Buffer

/**
 * The fields of a message of protocol buffers, by their numbers. The numbers below are those of
 * opentelemetry/proto/trace/v1/trace.proto.
 */
function fieldsOf(bytes: Buffer): Map<number, Value[]> {
  const fields = new Map<number, Value[]>()
  let at = 0
  const number = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] ?? 0
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
  }
  const take = (length: number) => {
    at += length
    return bytes.subarray(at - length, at)
  }
  const readers: Record<number, () => Value> = {
    0: number,
    1: () => take(8),
    2: () => take(Number(number())),
    5: () => take(4)
  }
  while (at < bytes.length) {
    const tag = Number(number())
    const value = readers[tag & 7]?.()
    if (value === undefined) throw new TypeError(`wire type ${tag & 7} at ${at}`)
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value])
  }
  return fields
}

function messages(bytes: Buffer, field: number): Buffer[] {
  return (fieldsOf(bytes).get(field) ?? []) as Buffer[]
}

function textOf(fields: Map<number, Value[]>, field: number, encoding: BufferEncoding = 'utf8'): string {
  return ((fields.get(field)?.[0] ?? Buffer.alloc(0)) as Buffer).toString(encoding)
}

function resourceSpansIn(body: Buffer): Collected[] {
  return messages(body, 1).map(each => ({
    resource: attributesOf(messages(messages(each, 1)[0] ?? Buffer.alloc(0), 1)),
    spans: messages(each, 2)
      .flatMap(scope => messages(scope, 2))
      .map(spanOf)
  }))
}

function spanOf(bytes: Buffer): CollectedSpan {
  const fields = fieldsOf(bytes)
  const status = fieldsOf((fields.get(15)?.[0] ?? Buffer.alloc(0)) as Buffer)
  return {
    name: textOf(fields, 5),
    kind: kinds[Number(fields.get(6)?.[0] ?? 0)] ?? '',
    traceId: textOf(fields, 1, 'hex'),
    spanId: textOf(fields, 2, 'hex'),
    parentId: textOf(fields, 4, 'hex'),
    attributes: attributesOf((fields.get(9) ?? []) as Buffer[]),
    links: ((fields.get(13) ?? []) as Buffer[]).map(fieldsOf).map(link => ({
      traceId: textOf(link, 1, 'hex'),
      spanId: textOf(link, 2, 'hex')
    })),
    failed: Number(status.get(3)?.[0] ?? 0) === STATUS_ERROR,
    message: textOf(status, 2)
  }
}

function attributesOf(pairs: Buffer[]): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map(fieldsOf).map(pair => [textOf(pair, 1), anyValueOf(pair.get(2)?.[0] as Buffer)])
  )
}

function anyValueOf(bytes: Buffer): unknown {
  const fields = fieldsOf(bytes)
  if (fields.has(1)) return textOf(fields, 1)
  if (fields.has(2)) return fields.get(2)?.[0] === 1n
  if (fields.has(3)) return Number(fields.get(3)?.[0])
  return messages(fields.get(5)?.[0] as Buffer, 1).map(anyValueOf)
}
