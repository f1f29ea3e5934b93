import type { ServerResponse } from 'node:http'
import { setTimeout as rest } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sendProblem } from '../problem.ts'
import type { Admission } from './admission.ts'
import { membersOf, refuseUnknown } from './bad-request.ts'
import { type Happenings, OVERLAP_MS, watch } from './happenings.ts'
import type { OperateRoom } from './operate.ts'
import { tailOperation } from './schemas/tail.ts'

interface Stream {
  connection: string | undefined
  send(frames: string[]): void
  close(): void
}

type Tailed = { Querystring: { connection?: string } }

const TAIL = '/api/v1/tail'
const EVENTS = 'text/event-stream'
const MOST_STREAMS = 16
const RETRY_AFTER_S = 10
const LOOK_EVERY_MS = 1_000
/** However much happens: so often at most. */
const REST_MS = 250
/** Shorter than what proxies wait for, as a rule. */
const HEARTBEAT_MS = 15_000
/** A browser waits for so long before it begins again. */
const BEGIN_AGAIN_MS = 2_000
/** Of a reader that does not keep up, beside what one look has found. */
const MOST_BUFFERED_BYTES = 256 * 1024
const MOST_CAUGHT_UP_MS = 3_600_000

/** GET /api/v1/tail: one look for all who are there, and none where nobody is. */
export function tail(scope: FastifyInstance, room: OperateRoom, admission: Admission): void {
  const { operators, news, now, heartbeatMs = HEARTBEAT_MS } = room
  const { admit, answerError } = admission
  const known = membersOf(tailOperation.querystring)
  const streams = new Set<Stream>()
  /** Undefined where nobody looks. */
  let primed: Promise<unknown> | undefined

  scope.get<Tailed>(TAIL, {
    schema: tailOperation,
    onRequest: (request, reply) => admit(request, reply, 'read'),
    preValidation: async request => refuseUnknown(request.query, known),
    handler: open,
    errorHandler: answerError
  })

  async function open(request: FastifyRequest<Tailed>, reply: FastifyReply) {
    if (news.ended()) return sendProblem(reply.header('retry-after', RETRY_AFTER_S), 503, 'RELAY_DRAINING')
    if (!follows(request)) {
      const missed = await missedBy(request)
      return reply.type(EVENTS).send([...missed, `id: ${now()}\n\n`].join(''))
    }
    if (streams.size >= MOST_STREAMS) {
      return sendProblem(reply.header('retry-after', RETRY_AFTER_S), 429, 'RELAY_TAILS_TAKEN')
    }
    const stream = streamOf(request, reply)
    streams.add(stream)
    try {
      await lookAfter()
      stream.begin(await missedBy(request))
    } catch (error) {
      streams.delete(stream)
      throw error
    }
    return reply
  }

  /** From the first one who is there until the last one goes. */
  async function lookAfter(): Promise<void> {
    if (primed === undefined) {
      const { look } = watch(room)
      const at = now()
      // What was there before is no news.
      primed = look(at - OVERLAP_MS)
      void keepLooking(look, at, primed)
    }
    await primed
  }

  async function keepLooking(
    look: (at: number) => Promise<Happenings>,
    beganAt: number,
    isPrimed: Promise<unknown>
  ): Promise<void> {
    let lastAt = beganAt
    try {
      await isPrimed
      while (streams.size > 0) {
        await news.wait(LOOK_EVERY_MS)
        if (news.ended()) break
        const at = now()
        const happened = await look(lastAt - OVERLAP_MS)
        lastAt = at
        for (const stream of streams) stream.send(framesOf(happened, at, stream))
        await rest(REST_MS)
      }
    } catch {
      // The store is away. Whoever begins again is told so.
    }
    primed = undefined
    for (const stream of streams) stream.close()
  }

  /** What whoever begins again has not seen. */
  async function missedBy(request: FastifyRequest<Tailed>): Promise<string[]> {
    const last = Number(/^\d{1,15}$/.exec(String(request.headers['last-event-id']))?.[0])
    if (Number.isNaN(last)) return []
    const at = now()
    const since = Math.max(last - OVERLAP_MS, at - MOST_CAUGHT_UP_MS)
    return framesOf(await watch(room).look(since), at, request.query)
  }

  function streamOf(request: FastifyRequest<Tailed>, reply: FastifyReply) {
    const { raw } = reply
    /** What happens while the beginning is still to be sent. */
    const waiting: string[] = []
    let hasBegun = false
    const heartbeat = setInterval(beat, heartbeatMs)
    raw.once('close', gone)

    function gone() {
      clearInterval(heartbeat)
      streams.delete(stream)
    }

    /** A session or a key may have come to its end. */
    async function beat() {
      const found = await operators.identify(request).catch(() => undefined)
      if (found === undefined || 'refused' in found) stream.close()
      else if (hasBegun) write(raw, [': still here\n\n'])
    }

    const stream = {
      connection: request.query.connection,
      send(frames: string[]) {
        if (hasBegun) write(raw, frames)
        else waiting.push(...frames)
      },
      begin(missed: string[]) {
        reply.hijack()
        raw.writeHead(200, {
          'content-type': EVENTS,
          'cache-control': 'no-store',
          // Nothing else comes over it, and a relay that stops does not wait for it.
          connection: 'close',
          // Of proxies that would collect it first.
          'x-accel-buffering': 'no'
        })
        write(raw, [`retry: ${BEGIN_AGAIN_MS}\n: open\n\n`, ...missed, ...waiting])
        hasBegun = true
      },
      close() {
        gone()
        if (raw.headersSent) raw.end()
      }
    }
    return stream
  }
}

/** A program that does not know of streams would wait for the end of the answer. */
function follows({ method, headers: { accept = '' } }: FastifyRequest): boolean {
  return method === 'GET' && accept.includes(EVENTS)
}

/** Who has not read by now what was written before is let go. */
function write(raw: ServerResponse, frames: string[]): void {
  if (raw.destroyed || raw.writableEnded || frames.length === 0) return
  if (raw.writableLength > MOST_BUFFERED_BYTES) raw.destroy()
  else raw.write(frames.join(''))
}

function framesOf(
  { list, cut }: Happenings,
  at: number,
  { connection }: { connection?: string | undefined }
) {
  const fitting = list.filter(each => connection === undefined || each.connections.includes(connection))
  const frames = fitting.map(({ sort, shown }) => frameOf(sort, at, shown))
  return cut.length === 0 ? frames : [...frames, frameOf('cut', at, { sorts: cut })]
}

function frameOf(event: string, at: number, data: object): string {
  return `id: ${at}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}
