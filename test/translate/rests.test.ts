import t from 'tap'
import { RelayError } from '../../src/errors.ts'
import { keptRestsOf } from '../../src/store/rests.ts'
import { openStore } from '../../src/store/store.ts'
import { type Leave, type Rests, restsOf } from '../../src/translate/rests.ts'
import { empty } from '../store/empty-store.ts'

const busy = (retryAfterMs?: number) =>
  new RelayError('RELAY_PLATFORM_UNAVAILABLE', undefined, { retryable: true, retryAfterMs })
const refused = new RelayError('RELAY_PLATFORM_UNAUTHORIZED', undefined, { retryable: true })

const store = await openStore('file::memory:')
t.teardown(() => store.close())

const LEASE_MS = 25_000

async function open() {
  await empty(store)
  const clock = { now: 1_000_000 }
  const inOneProcess = () =>
    restsOf({ kept: keptRestsOf(store), leaseMs: LEASE_MS, now: () => clock.now, random: () => 0.5 })
  const rests = inOneProcess()
  const leaveOf = async ({ ask }: Rests, id: string): Promise<Leave> => {
    const asked = await ask(id)
    if ('comeBackAt' in asked) throw new TypeError('there is no leave')
    return asked.leave
  }
  return {
    ...rests,
    clock,
    another: inOneProcess,
    leaveOf,
    worked: (id: string, leave: Leave) => rests.watch(id, leave, async () => undefined),
    failed: (id: string, leave: Leave, error: RelayError) =>
      rests.watch(id, leave, () => Promise.reject(error)).catch(() => undefined),
    leave: (id = 'a') => leaveOf(rests, id),
    async leaveOfPlace(): Promise<Leave> {
      const asked = await rests.askOfPlace('a')
      if ('comeBackAt' in asked) throw new TypeError('there is no leave')
      return asked.leave
    },
    /** How long the places of a connection have to wait, ms; 0: not at all. */
    async waitOfPlaces({ askOfPlace } = rests): Promise<number> {
      const asked = await askOfPlace('a')
      return 'comeBackAt' in asked ? asked.comeBackAt - clock.now : 0
    },
    /** How long a connection has to wait, ms; 0: not at all. */
    async wait(id = 'a'): Promise<number> {
      const asked = await rests.ask(id)
      return 'comeBackAt' in asked ? asked.comeBackAt - clock.now : 0
    }
  }
}

t.test('the wait grows from one second to a minute while one after the other finds out', async t => {
  const rests = await open()
  await rests.failed('a', await rests.leave(), busy())
  const waits: number[] = []
  for (let failure = 0; failure < 8; failure += 1) {
    const wait = await rests.wait()
    waits.push(wait)
    rests.clock.now += wait
    const leave = await rests.leave()
    t.same(leave, { probe: true })
    t.equal(await rests.wait(), 2_000, 'the others look again')
    await rests.failed('a', leave, busy())
  }
  t.same(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  t.equal(await rests.wait('b'), 0, 'another connection does not rest')
})

t.test('refused credentials are tried again after a minute, then ever more slowly', async t => {
  const rests = await open()
  await rests.failed('a', await rests.leave(), refused)
  t.equal(await rests.wait(), 60_000)
  rests.clock.now += 60_000
  await rests.failed('a', await rests.leave(), refused)
  t.equal(await rests.wait(), 120_000)
})

t.test('a crowd that fails together is one failure, and the longest wait asked for counts', async t => {
  const rests = await open()
  const crowd = [await rests.leave(), await rests.leave(), await rests.leave(), await rests.leave()] as const
  await rests.failed('a', crowd[0], busy())
  await rests.failed('a', crowd[1], busy())
  t.equal(await rests.wait(), 1_000)
  await rests.failed('a', crowd[2], busy(30_000))
  t.equal(await rests.wait(), 30_000)
  await rests.failed('a', crowd[3], busy(5_000))
  t.equal(await rests.wait(), 30_000)
})

t.test('an answer that was under way when the platform asked to wait ends no wait', async t => {
  const rests = await open()
  const [early, slow, slower] = [await rests.leave(), await rests.leave(), await rests.leave()] as const
  await rests.failed('a', early, busy(30_000))
  await rests.worked('a', slow)
  t.equal(await rests.wait(), 30_000)
  rests.clock.now += 30_000
  await rests.worked('a', slower)
  t.same(await rests.leave(), { probe: true }, 'nor once it is over: somebody goes to find out')
})

t.test('one that finds out that it works again ends the rest for all', async t => {
  const rests = await open()
  await rests.failed('a', await rests.leave(), busy())
  rests.clock.now += 1_000
  await rests.worked('a', await rests.leave())
  t.same([await rests.leave(), await rests.leave()], [{ probe: false }, { probe: false }])
  await rests.worked('a', { probe: false })
})

t.test('what another one is told to wait meanwhile outlives what is found out', async t => {
  const rests = await open()
  const slow = await rests.leave()
  await rests.failed('a', await rests.leave(), busy())
  rests.clock.now += 1_000
  const probe = await rests.leave()
  await rests.failed('a', slow, busy(600_000))
  await rests.worked('a', probe)
  t.equal(await rests.wait(), 600_000)
})

t.test('who failed to find out comes back behind the rest, so that another one goes first', async t => {
  const rests = await open()
  const asking = (leave: Leave) => rests.watch('a', leave, () => Promise.reject(busy()))
  await t.rejects(asking(await rests.leave()), { code: 'RELAY_PLATFORM_UNAVAILABLE' })
  rests.clock.now += 1_000
  await t.rejects(asking(await rests.leave()), {
    code: 'RELAY_PLATFORM_UNAVAILABLE',
    retryable: true,
    retryAfterMs: 4_000
  })
  t.equal(await rests.wait(), 2_000)
})

t.test(
  'what was done without is no failure, and a wait that the platform asked for with it is kept',
  async t => {
    const rests = await open()
    const without = (trouble: RelayError, leave: Leave) =>
      rests.watch('a', leave, async doneWithout => doneWithout(trouble))
    await without(busy(), await rests.leave())
    t.equal(await rests.wait(), 0)
    await without(busy(30_000), await rests.leave())
    t.equal(await rests.wait(), 30_000)
    rests.clock.now += 30_000
    await without(busy(), await rests.leave())
    t.same(await rests.leave(), { probe: false }, 'who was sent to find out has its answer')
  }
)

t.test('an error that is none of the platform’s is passed on, and nobody rests for it', async t => {
  const rests = await open()
  const mistake = new TypeError('a mistake in the adapter')
  await t.rejects(
    rests.watch('a', await rests.leave(), () => Promise.reject(mistake)),
    mistake
  )
  t.equal(await rests.wait(), 0)
})

t.test('a place that is refused rests the places of its connection, and no delivery', async t => {
  const rests = await open()
  const another = rests.another()
  await rests.failed('a', await rests.leaveOfPlace(), refused)
  t.equal(await rests.waitOfPlaces(), 60_000)
  t.equal(await rests.waitOfPlaces(another), 60_000, 'at every relay')
  t.same(await rests.leave(), { probe: false })

  rests.clock.now += 60_000
  const leave = await rests.leaveOfPlace()
  t.same(leave, { probe: false, places: { probe: true } })
  t.equal(await rests.waitOfPlaces(another), 2_000, 'one of all goes to find out')
  await t.rejects(
    rests.watch('a', leave, () => Promise.reject(refused)),
    { code: 'RELAY_PLATFORM_UNAUTHORIZED', retryAfterMs: 122_000 }
  )
  t.equal(await rests.waitOfPlaces(), 120_000)
  t.equal(await rests.wait(), 0)

  rests.clock.now += 120_000
  await rests.worked('a', await rests.leaveOfPlace())
  t.same(await rests.leaveOfPlace(), { probe: false, places: { probe: false } })
})

t.test('a platform that does not answer, or refuses a delivery, rests places too', async t => {
  for (const error of [busy(30_000), refused]) {
    const rests = await open()
    await rests.failed('a', await rests.leave(), error)
    t.equal(await rests.waitOfPlaces(), await rests.wait())
  }
  const rests = await open()
  await rests.failed('a', await rests.leaveOfPlace(), busy(30_000))
  t.equal(await rests.wait(), 30_000, 'whatever was asked for')
})

t.test('a place that is refused has not found out for deliveries: one of those goes next', async t => {
  const rests = await open()
  await rests.failed('a', await rests.leave(), busy())
  rests.clock.now += 1_000
  const leave = await rests.leaveOfPlace()
  t.same(leave, { probe: true, places: { probe: false } })
  t.equal(await rests.wait(), 2_000)
  await rests.failed('a', leave, refused)
  t.same(await rests.leave(), { probe: true })
})

t.test('a place that did not get as far as to be refused again leaves that to another', async t => {
  const rests = await open()
  await rests.failed('a', await rests.leaveOfPlace(), refused)
  rests.clock.now += 60_000
  await rests.failed('a', await rests.leaveOfPlace(), busy())
  t.equal(await rests.waitOfPlaces(), 1_000, 'as long as deliveries')
  rests.clock.now += 1_000
  t.same(await rests.leaveOfPlace(), { probe: true, places: { probe: true } })
})

t.test('a delivery that finds out that it works again ends the rest of places too', async t => {
  const rests = await open()
  await rests.failed('a', await rests.leaveOfPlace(), refused)
  await rests.failed('a', await rests.leave(), refused)
  rests.clock.now += 30_000
  t.equal(await rests.waitOfPlaces(), 30_000)
  rests.clock.now += 30_000
  await rests.worked('a', await rests.leave())
  t.same(await rests.leaveOfPlace(), { probe: false, places: { probe: false } })
})

t.test('several relays on one store keep the same rest, and one of all goes to find out', async t => {
  const rests = await open()
  const another = rests.another()
  await rests.failed('a', await rests.leave(), busy(30_000))
  t.same(await another.ask('a'), { comeBackAt: rests.clock.now + 30_000 })
  rests.clock.now += 30_000
  t.same(await rests.leaveOf(another, 'a'), { probe: true })
  t.equal(await rests.wait(), 2_000)
  rests.clock.now += 60_000
  t.same(await rests.leave(), { probe: true }, 'the other one is gone: it had its time')
})

t.test(
  'a rest outlives the process, and one for refused credentials does not: they may be mended',
  async t => {
    const rests = await open()
    await rests.failed('a', await rests.leave(), busy(30_000))
    await rests.failed('b', await rests.leave('b'), refused)
    await rests.failed('a', { probe: false, places: { probe: false } }, refused)
    await store.commit(keptRestsOf(store).recover(rests.clock.now))
    t.equal(await rests.wait('a'), 30_000)
    t.same(await rests.leave('b'), { probe: false })
    rests.clock.now += 30_000
    t.same(await rests.leaveOfPlace(), { probe: true, places: { probe: false } })
  }
)
