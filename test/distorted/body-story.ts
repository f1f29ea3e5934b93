import type { Test } from 'tap'
import type { Connection } from '../../src/model/connection.ts'
import type { Platform } from '../../src/platforms/platform.ts'
import type { SampleBooking, SampleDelivery } from '../../src/platforms/samples.ts'
import type { CustomerView } from '../../src/sandbox/state.ts'
import { openEmpty, sqlite } from '../engines.ts'
import { limitsOf } from '../platform-limits.ts'
import { hasWork, openStage, steps } from '../stage.ts'
import { type Distortion, distortionsOf, wordsOf } from './body-distortions.ts'

/** Which webhook of a booking's life is distorted: its creation, a change, the copy of a change behind the cancellation, the cancellation. */
export const scenes = ['created', 'changed', 'late', 'cancelled'] as const
export type Scene = (typeof scenes)[number]

/** One booking, one of whose webhooks is distorted; none where nothing is, to compare with. */
export interface Case {
  scene: Scene
  /** Of several requests that one change makes, which. */
  request: number
  distortion?: Pick<Distortion, 'path' | 'how' | 'same'>
}

/** A stay as Seam has it, in words that are the same for all bookings. */
export interface SeenStay {
  starts: unknown
  ends: unknown
  places: string[]
  code: unknown
  guest: { same: boolean; name: unknown; email: unknown; phone: unknown }
}

export interface Outcome {
  /** By the label of their key: before the distorted webhook, right after it, and after an ordinary one behind it. */
  before: Record<string, SeenStay>
  told: Record<string, SeenStay>
  end: Record<string, SeenStay>
  /** Why those of the stays are held that are, right after the distorted webhook. */
  held: string[]
  /** What became of the distorted delivery: `translated`, or why not. */
  became: string
}

export interface Distorted {
  outcomes: Outcome[]
  /** Mistakes of the relay's own. */
  failures: string[]
}

interface Life extends Case {
  booking: SampleBooking
  /** The names of keys at Seam. */
  labels: Map<string, string>
  guest: string | undefined
  delivery: string
  outcome: Outcome
}

const MINUTE_MS = 60_000
const MOST_ROUNDS = 4_000

/** A relay of one platform, with or without its API. */
export async function openPlayer(t: Test, platform: Platform, reads: boolean) {
  const limits = limitsOf(platform.name)
  const stage = await openStage(t, platform, {
    connections: [{ id: platform.name, customerKey: 'customer', ...(!reads && { api: undefined }) }],
    api: limits.api ?? {},
    random: () => 0.5
  })
  const store = await openEmpty(t, sqlite)
  t.teardown(() => store.close())
  const { relay, origin, bury } = await stage.start(store)
  t.teardown(bury)
  const [connection] = stage.connections as [Connection]
  const words = wordsOf(platform)
  let [told, serial] = [0, 0]

  const at = (booking: SampleBooking): SampleBooking => ({
    ...booking,
    updatedAt: Math.floor(stage.clock.now / MINUTE_MS) * MINUTE_MS
  })

  function tell(life: Life, before: SampleBooking | undefined, after: SampleBooking): SampleDelivery[] {
    for (const [index, { id, place }] of platform.samples.ids(after).stays.entries()) {
      const key = `${connection.id}:${id}`
      if (!life.labels.has(key)) life.labels.set(key, `stay ${life.labels.size}`)
      life.labels.set(`place ${connection.id}:${place}`, after.rooms[index]?.place?.split('-')[1] ?? '')
    }
    serial += 2
    return platform.samples.tell(before, after, { connection, now: after.updatedAt, serial })
  }

  /** @returns the id of the delivery, or the words of the refusal */
  async function post(sample: SampleDelivery): Promise<string> {
    await stage.happen(sample)
    told += 1
    return stage
      .post(origin, connection, sample, `msg_${told}`)
      .catch((refusal: Error) => `refused: ${refusal.message}`)
  }

  async function postAll(samples: SampleDelivery[]): Promise<void> {
    for (const sample of samples) await post(sample)
  }

  async function postDistorted(life: Life, samples: SampleDelivery[]): Promise<void> {
    for (const [index, sample] of samples.entries()) {
      const isIt = index === life.request
      const delivery = await post(isIt ? distorted(sample, life, words) : sample)
      if (isIt) life.delivery = delivery
    }
  }

  async function settle(): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      let busy = false
      for (const name of steps) if ((await relay.steps[name]()) === 'busy') busy = true
      if (busy) continue
      if (!(await hasWork(store))) {
        stage.clock.now += 3 * MINUTE_MS
        return
      }
      stage.clock.now += MINUTE_MS
    }
    throw new TypeError(`not settled after ${MOST_ROUNDS} rounds`)
  }

  async function look(lives: Life[], when: 'before' | 'told' | 'end'): Promise<void> {
    const [customer] = (await stage.held()).customers
    for (const life of lives) life.outcome[when] = seenOf(customer, life)
    if (when !== 'told') return
    const rows = await store.db.selectFrom('resources').select(['key', 'held']).execute()
    for (const { outcome, labels } of lives)
      outcome.held = rows.filter(({ key }) => labels.has(key)).flatMap(({ held }) => held ?? [])
  }

  async function play(cases: Case[]): Promise<Distorted> {
    const lives = cases.map((each, index) => lifeOf(each, index, platform.name))
    const of = (...those: Scene[]) => lives.filter(life => those.includes(life.scene))
    const changed = (life: Life, last = '') => at({ ...life.booking, ...moved(life.booking, last) })
    const off = (life: Life) => at({ ...life.booking, status: 'cancelled' })
    const first = new Map<Life, SampleBooking>()
    const second = new Map<Life, SampleBooking>()

    for (const life of lives) {
      first.set(life, at(life.booking))
      if (life.scene !== 'created') await postAll(tell(life, undefined, at(life.booking)))
    }
    await settle()
    await look(lives, 'before')

    for (const life of of('changed', 'late')) {
      second.set(life, changed(life))
      const requests = tell(life, first.get(life), changed(life))
      if (life.scene === 'late') await postAll(requests)
      else await postDistorted(life, requests)
    }
    for (const life of of('created')) {
      second.set(life, at(life.booking))
      await postDistorted(life, tell(life, undefined, at(life.booking)))
    }
    await settle()
    await look(of('changed', 'created'), 'told')

    for (const life of of('changed', 'created'))
      await postAll(tell(life, second.get(life), changed(life, 'again')))
    for (const life of of('late')) {
      const before = second.get(life) as SampleBooking
      await postAll(tell(life, before, at({ ...before, status: 'cancelled' })))
    }
    for (const life of of('cancelled')) await postDistorted(life, tell(life, first.get(life), off(life)))
    await settle()
    await look(of('changed', 'created'), 'end')
    await look(of('cancelled'), 'told')

    // The world at the platform stays as it is; only the webhook comes late.
    for (const life of of('late'))
      await postDistorted(
        life,
        tell(life, first.get(life), second.get(life) as SampleBooking).map(
          ({ world: _world, ...late }) => late
        )
      )
    for (const life of of('cancelled')) await postAll(tell(life, first.get(life), off(life)))
    await settle()
    await look(of('late'), 'told')
    await look(of('late', 'cancelled'), 'end')

    const rows = await store.db.selectFrom('deliveries').select(['id', 'state', 'outcome']).execute()
    const became = new Map(rows.map(row => [row.id, becameOf(row)]))
    for (const life of lives) life.outcome.became = became.get(life.delivery) ?? life.delivery
    return {
      outcomes: lives.map(life => life.outcome),
      failures: [...became.values()].filter(each => each.includes('RELAY_INTERNAL'))
    }
  }

  /** Every way in which the webhook of a scene can be distorted. */
  function casesOf(scene: Scene): Required<Case>[] {
    const life = lifeOf({ scene, request: 0 }, 0, platform.name)
    const [before, after] = [at(life.booking), at({ ...life.booking, ...moved(life.booking) })]
    const requests =
      scene === 'created'
        ? tell(life, undefined, before)
        : tell(life, before, scene === 'cancelled' ? at({ ...before, status: 'cancelled' }) : after)
    return requests.flatMap(({ body }, request) =>
      distortionsOf(body, words, 'unfamiliar').map(({ body: _, ...distortion }) => ({
        scene,
        request,
        distortion
      }))
    )
  }

  return { play, casesOf }
}

function lifeOf(each: Case, index: number, name: string): Life {
  const limits = limitsOf(name)
  return {
    ...each,
    booking: {
      id: `b${index}`,
      status: 'confirmed',
      rooms: [{ id: 'r1', place: `b${index}-p1` }],
      guest: {
        id: `b${index}g`,
        name: 'Ada Lovelace',
        email: `ada.${index}@example.com`,
        phone: `+1212${2_000_000 + index}`
      },
      arrival: '2027-03-16',
      departure: '2027-03-19',
      checkIn: '16:00',
      checkOut: '10:00',
      timeZone: limits.zone ?? 'America/New_York',
      code: limits.tellsCodes ? '4711' : null,
      updatedAt: 0
    },
    labels: new Map(),
    guest: undefined,
    delivery: 'not sent',
    outcome: { before: {}, told: {}, end: {}, held: [], became: '' }
  }
}

/** Other days and another room; the last time the days alone. */
function moved({ rooms, id }: SampleBooking, last = ''): Partial<SampleBooking> {
  return {
    arrival: last === '' ? '2027-03-17' : '2027-03-18',
    departure: last === '' ? '2027-03-21' : '2027-03-22',
    rooms: rooms.map(room => ({ ...room, place: `${id}-p9` }))
  }
}

function distorted(sample: SampleDelivery, life: Life, words: ReadonlySet<string>): SampleDelivery {
  const { distortion } = life
  if (distortion === undefined) return sample
  const { path, how } = distortion
  const found = distortionsOf(sample.body, words, `unfamiliar${life.booking.id}`).find(
    each => each.path === path && each.how === how
  )
  if (found === undefined) throw new TypeError(`${sample.event} has nothing at ${path} that can be ${how}`)
  return { ...sample, body: found.body() }
}

function seenOf(customer: CustomerView | undefined, life: Life): Record<string, SeenStay> {
  const list = (name: string) => (customer?.resources[name] ?? []) as Record<string, unknown>[]
  const own = list('reservations').filter(stay => life.labels.has(String(stay.reservation_key)))
  return Object.fromEntries(
    own.map(stay => {
      const guest = list('guests').find(each => each.guest_key === stay.guest_key)
      life.guest ??= String(stay.guest_key)
      return [
        life.labels.get(String(stay.reservation_key)),
        {
          starts: stay.starts_at,
          ends: stay.ends_at,
          places: (stay.space_keys as string[]).map(
            key => life.labels.get(`place ${key}`) ?? 'another place'
          ),
          code: stay.preferred_code,
          guest: {
            same: life.guest === stay.guest_key,
            name: guest?.name,
            email: guest?.email_address === life.booking.guest.email ? 'own' : guest?.email_address,
            phone: guest?.phone_number === life.booking.guest.phone ? 'own' : guest?.phone_number
          }
        }
      ]
    })
  )
}

function becameOf({ state, outcome }: { state: string; outcome: string | null }): string {
  const events = JSON.parse(outcome ?? '[]') as { code?: string; reason?: string }[]
  return [state, ...events.flatMap(({ code, reason }) => [code ?? [], reason ?? []].flat())].join(': ')
}
