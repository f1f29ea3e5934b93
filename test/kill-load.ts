import { setTimeout as pause } from 'node:timers/promises'
import { request } from 'undici'
import type { Connection } from '../src/model/connection.ts'
import type { Platform } from '../src/platforms/platform.ts'
import type { SampleBooking, SampleDelivery } from '../src/platforms/samples.ts'

export interface LoadOptions {
  connections: Connection[]
  platforms: Record<string, Platform>
  /** Where the platforms' stand-ins are told what has become true. */
  sandbox: string
  /** In [0, 1). */
  random(): number
  /** The origin of the relay to post to next; waits while there is none. */
  relay(): Promise<string>
  /** A request is on its way. */
  onPosted(origin: string): void
  onAcknowledged(origin: string): void
}

/** A delivery that the relay has answered with 2xx. */
export interface Acknowledged {
  connectionId: string
  webhookId: string
  deliveryId: string
}

/** What is true of a booking once all of its story is told. */
export interface Told {
  connection: Connection
  platform: Platform
  booking: SampleBooking
}

export interface Load {
  /** Tells stories, a few at a time, until told to stop; resolves when those begun have ended. */
  run(): Promise<void>
  stop(): void
  /**
   * Once all is at Seam: of each connection one booking is moved and another one called off, so that there is no run in which
   * Seam never heard of a change.
   */
  tellMore(): Promise<void>
  acknowledged: Acknowledged[]
  told: Told[]
  /** Answers that no platform should get. */
  surprises: string[]
}

const AT_ONCE = 4
/** How soon a platform comes back after a refusal or a broken connection. */
const RETRY_MS = 15
/** And how long it waits for an answer. */
const PATIENCE_MS = 2_000
const DAY_MS = 24 * 3_600_000
const GUESTS = 12
const PLACES = 5
/** Of a booking's first version. Each one after it is a night longer, by which they are told apart at Seam. */
export const FIRST_NIGHTS = 3

/** Platforms with much to tell: bookings that are made, moved, given another room and cancelled, told twice and out of order. */
export function load(options: LoadOptions): Load {
  const { connections, platforms, sandbox, random } = options
  const acknowledged: Acknowledged[] = []
  const told: Told[] = []
  const surprises: string[] = []
  let stopped = false
  let stories = 0
  let serial = 0

  const below = (limit: number) => Math.floor(random() * limit)
  const oneOf = <T>(list: readonly T[]) => list[below(list.length)] as T

  function booked(connection: Connection): SampleBooking {
    stories += 1
    const guest = below(GUESTS)
    const phone = `${connections.indexOf(connection)}${String(guest).padStart(3, '0')}`
    return {
      id: `b${stories}`,
      status: 'confirmed',
      rooms: [{ id: 'r1', place: `p${below(PLACES)}` }],
      guest: {
        id: `g${guest}`,
        name: `Guest ${guest}`,
        email: `g${guest}@${connection.id}.example.com`,
        phone: `+1212555${phone}`
      },
      ...nights(below(28), FIRST_NIGHTS),
      checkIn: '16:00',
      checkOut: '11:00',
      timeZone: 'Etc/UTC',
      code: '4711',
      updatedAt: Date.UTC(2027, 0, 1) + stories * 3_600_000
    }
  }

  function changed(booking: SampleBooking): SampleBooking {
    if (random() < 0.3) return calledOff(booking)
    const moved = movedTo(below(28), booking)
    return random() < 0.3 ? { ...moved, rooms: [{ id: 'r1', place: `p${below(PLACES)}` }] } : moved
  }

  /** One booking from its beginning to its end. Some of its webhooks come late, when all else is told. */
  async function tell(connection: Connection): Promise<void> {
    const platform = platforms[connection.platform] as Platform
    const late: [SampleDelivery, string][] = []
    let before: SampleBooking | undefined
    let booking = booked(connection)
    for (let step = below(4); step >= 0; step -= 1) {
      for (const [sample, webhookId] of await saidOf(connection, before, booking)) {
        if (random() < 0.15) late.push([sample, webhookId])
        else await deliver(connection, platform, sample, webhookId)
      }
      before = booking
      if (booking.status === 'cancelled') break
      if (step > 0) booking = changed(booking)
    }
    for (const [sample, webhookId] of late) await deliver(connection, platform, sample, webhookId)
    told.push({ connection, platform, booking })
  }

  /** The webhooks of a change, each with its id; the stand-in knows of it already. */
  async function saidOf(
    connection: Connection,
    before: SampleBooking | undefined,
    after: SampleBooking
  ): Promise<[SampleDelivery, string][]> {
    const platform = platforms[connection.platform] as Platform
    serial += 1
    const webhookId = `msg_${serial}`
    const samples = platform.samples.tell(before, after, { connection, now: Date.now(), serial })
    for (const sample of samples) await toldStandIn(platform, sample)
    return samples.map(sample => [sample, webhookId])
  }

  async function toldStandIn(platform: Platform, { world }: SampleDelivery): Promise<void> {
    if (world === undefined) return
    const reply = await request(`${sandbox}/sandbox/platforms/${platform.name}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ entities: world })
    })
    await reply.body.dump()
  }

  /** Until it is acknowledged; some a second time at the same moment. */
  async function deliver(
    connection: Connection,
    platform: Platform,
    sample: SampleDelivery,
    webhookId: string
  ): Promise<void> {
    const copies = random() < 0.2 ? 2 : 1
    await Promise.all(
      Array.from({ length: copies }, async () => {
        while (!(await acknowledges(connection, platform, sample, webhookId))) await pause(RETRY_MS)
      })
    )
  }

  async function acknowledges(
    connection: Connection,
    platform: Platform,
    sample: SampleDelivery,
    webhookId: string
  ): Promise<boolean> {
    const origin = await options.relay()
    const body = Buffer.from(sample.body)
    const signed = platform.verification.sign(body, connection.secrets, { now: Date.now(), id: webhookId })
    const query = new URLSearchParams({ ...sample.query, ...signed.query })
    const path = `/webhooks/${platform.name}/${connection.id}${signed.token === undefined ? '' : `/${signed.token}`}`
    const headers = { 'content-type': 'application/json', ...sample.headers, ...signed.headers }
    const posted = request(`${origin}${path}?${query}`, {
      method: 'POST',
      headers,
      body: signed.body ?? body,
      signal: AbortSignal.timeout(PATIENCE_MS)
    })
    options.onPosted(origin)
    try {
      const reply = await posted
      const text = await reply.body.text()
      if (reply.statusCode !== 200) {
        if (reply.statusCode !== 503) surprises.push(`${platform.name}: ${reply.statusCode} ${text}`)
        return false
      }
      const { delivery_id: deliveryId } = JSON.parse(text)
      acknowledged.push({ connectionId: connection.id, webhookId, deliveryId })
      options.onAcknowledged(origin)
      return true
    } catch {
      // The relay died, is not there yet, or does not answer.
      return false
    }
  }

  return {
    acknowledged,
    told,
    surprises,
    async run() {
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          while (!stopped) await tell(oneOf(connections))
        })
      )
    },
    stop() {
      stopped = true
    },
    async tellMore() {
      for (const connection of connections) {
        const standing = told.filter(
          each => each.connection === connection && each.booking.status === 'confirmed'
        )
        const changes = [movedTo.bind(undefined, 0), calledOff]
        for (const [place, change] of changes.entries()) {
          const story = standing[place]
          if (story === undefined) continue
          const after = change(story.booking)
          for (const [sample, webhookId] of await saidOf(connection, story.booking, after))
            await deliver(connection, story.platform, sample, webhookId)
          story.booking = after
        }
      }
    }
  }
}

function calledOff(booking: SampleBooking): SampleBooking {
  return { ...booking, updatedAt: booking.updatedAt + 60_000, status: 'cancelled' }
}

/** From another day on, and a night longer. */
function movedTo(day: number, booking: SampleBooking): SampleBooking {
  const length = 1 + (Date.parse(booking.departure) - Date.parse(booking.arrival)) / DAY_MS
  return { ...booking, updatedAt: booking.updatedAt + 60_000, ...nights(day, length) }
}

/** So many nights from a day of next spring on. */
function nights(day: number, length: number): { arrival: string; departure: string } {
  const date = (after: number) => new Date(Date.UTC(2027, 3, 1 + day + after)).toISOString().slice(0, 10)
  return { arrival: date(0), departure: date(length) }
}
