import t from 'tap'
import type { Platform } from '../../src/platforms/platform.ts'
import { platforms } from '../../src/platforms/registry.ts'
import { openEmpty, sqlite } from '../engines.ts'
import { openSeamLine } from '../seam-line.ts'
import { hasWork, openStage } from '../stage.ts'

/** Calls that end after their lease, of keys that are another customer's by then. */

const STEP_MS = 60_000

for (const operation of ['push_data', 'delete_data'] as const) {
  t.test(
    `${operation} of a key that lands after another customer has it takes nothing from that one`,
    async t => {
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

      const push = (customer_key: string) =>
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
        })
      const erase = () =>
        call('/customers/delete_data', { reservation_keys: ['r'], guest_keys: ['g'], space_keys: ['s'] })

      await push('acme')
      if (operation === 'delete_data') {
        await settle()
        await erase()
      }
      const step = late.relay.steps.syncOnce()
      await held.promise
      stage.clock.now += STEP_MS
      await settle()
      if (operation === 'push_data') {
        await erase()
        await settle()
      }
      await push('beta')
      await settle()
      const before = (await stage.held()).customers
      t.match(before, [{ customer_key: 'beta', stays: [{ key: 'r', access: 'granted' }] }])

      released.resolve()
      t.equal(await step, 'idle')
      t.notSame((await stage.held()).customers, before, 'it landed')
      await late.relay.steps.syncOnce()
      await settle()
      t.same((await stage.held()).customers, before)
    }
  )
}
