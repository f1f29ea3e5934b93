import t, { type Test } from 'tap'
import { offboard } from '../../src/desired/offboard.ts'
import { firstIdAt } from '../../src/model/ids.ts'
import { stampOf } from '../../src/model/stamp.ts'
import type { Platform } from '../../src/platforms/platform.ts'
import { platforms } from '../../src/platforms/registry.ts'
import { storeRooms } from '../../src/store/rooms.ts'
import { openEmpty, sqlite } from '../engines.ts'
import { openSeamLine } from '../seam-line.ts'
import { hasWork, openStage } from '../stage.ts'

/** Calls that end after their lease, when what they spoke of is another customer's, or told anew. */

const STEP_MS = 60_000

/** Two relays on one store, of which one is late with its first call. */
async function openLate(t: Test) {
  const stage = await openStage(t, platforms.standard as Platform, { random: () => 0.5 })
  const store = await openEmpty(t, sqlite)
  t.teardown(() => store.close())
  const held = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const line = await openSeamLine(t, stage.sandbox, () => async stop => {
    if (stop !== 'call') return
    held.resolve()
    await released.promise
  })
  const late = await stage.start(store, line)
  const other = await stage.start(store)
  t.teardown(() => Promise.all([late.bury(), other.bury()]))

  async function settle(): Promise<void> {
    const { translateOnce, redrawOnce, syncOnce } = other.relay.steps
    while (await hasWork(store)) {
      for (const step of [translateOnce, redrawOnce, syncOnce]) while ((await step()) === 'busy');
      stage.clock.now += STEP_MS
    }
  }

  async function call(path: string, body: object): Promise<void> {
    stage.clock.now += STEP_MS
    await stage.call(other.origin, path, body, {})
    await other.relay.steps.translateOnce()
    stage.clock.now += STEP_MS
  }

  return {
    settle,
    push: (customer_key: string) =>
      call('/customers/push_data', {
        customer_key,
        spaces: [{ space_key: 's', name: 'Fir' }],
        guests: [{ guest_key: 'g', name: 'Ada' }],
        reservations: [
          {
            reservation_key: 'r',
            starts_at: '2027-02-01T15:00:00Z',
            ends_at: '2027-02-03T10:00:00Z',
            guest_key: 'g',
            space_keys: ['s']
          }
        ]
      }),
    erase: () =>
      call('/customers/delete_data', { reservation_keys: ['r'], guest_keys: ['g'], space_keys: ['s'] }),
    async takeOff(customerKey: string) {
      const options = { store, ...storeRooms(store), now: () => stage.clock.now, onDue: () => undefined }
      const stamp = stampOf(stage.clock.now, firstIdAt(stage.clock.now), true)
      await offboard(options, { workspaceId: 'default', customerKey }, stamp, [])
    },
    customers: async () => (await stage.held()).customers,

    /** The late one begins its call, and its lease runs out. @returns lets the call go on, until all is over */
    async beLate(): Promise<() => Promise<void>> {
      const step = late.relay.steps.syncOnce()
      await held.promise
      stage.clock.now += STEP_MS
      await settle()
      return async () => {
        const before = (await stage.held()).customers
        released.resolve()
        t.equal(await step, 'idle')
        t.notSame((await stage.held()).customers, before, 'it landed')
        await late.relay.steps.syncOnce()
        await settle()
      }
    }
  }
}

for (const operation of ['push_data', 'delete_data'] as const) {
  t.test(
    `${operation} of a key that lands after another customer has it takes nothing from that one`,
    async t => {
      const { push, erase, settle, beLate, customers } = await openLate(t)
      await push('acme')
      if (operation === 'delete_data') {
        await settle()
        await erase()
      }
      const land = await beLate()
      if (operation === 'push_data') {
        await erase()
        await settle()
      }
      await push('beta')
      await settle()
      const before = await customers()
      t.match(before, [{ customer_key: 'beta', stays: [{ key: 'r', access: 'granted' }] }])
      await land()
      t.same(await customers(), before)
    }
  )
}

t.test('a customer who is taken off late has what was told since', async t => {
  const { push, takeOff, settle, beLate, customers } = await openLate(t)
  await push('acme')
  await settle()
  await takeOff('acme')
  const land = await beLate()
  t.same(await customers(), [])
  await push('acme')
  await settle()
  const before = await customers()
  t.match(before, [{ customer_key: 'acme', stays: [{ key: 'r', access: 'granted' }] }])
  await land()
  t.same(await customers(), before)
})
