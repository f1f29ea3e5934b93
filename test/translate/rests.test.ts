import t from 'tap'
import { RelayError } from '../../src/errors.ts'
import { type Leave, restsOf } from '../../src/translate/rests.ts'

const busy = (retryAfterMs?: number) =>
  new RelayError('RELAY_PLATFORM_UNAVAILABLE', undefined, { retryable: true, retryAfterMs })
const refused = new RelayError('RELAY_PLATFORM_UNAUTHORIZED', undefined, { retryable: true })

function open() {
  const clock = { now: 1_000_000 }
  const rests = restsOf({ now: () => clock.now, random: () => 0.5 })
  return {
    ...rests,
    clock,
    worked: (id: string, leave: Leave) => rests.watch(id, leave, async () => undefined),
    failed: (id: string, leave: Leave, error: RelayError) =>
      rests.watch(id, leave, () => Promise.reject(error)).catch(() => undefined),
    leave(id = 'a'): Leave {
      const asked = rests.ask(id)
      if ('comeBackAt' in asked) throw new TypeError('there is no leave')
      return asked.leave
    },
    /** How long a connection has to wait, ms; 0: not at all. */
    wait(id = 'a'): number {
      const asked = rests.ask(id)
      return 'comeBackAt' in asked ? asked.comeBackAt - clock.now : 0
    }
  }
}

t.test('the wait grows from one second to a minute while one after the other finds out', async t => {
  const rests = open()
  await rests.failed('a', rests.leave(), busy())
  const waits: number[] = []
  for (let failure = 0; failure < 8; failure += 1) {
    const wait = rests.wait()
    waits.push(wait)
    rests.clock.now += wait
    const leave = rests.leave()
    t.same(leave, { probe: true })
    t.equal(rests.wait(), 2_000, 'the others look again')
    await rests.failed('a', leave, busy())
  }
  t.same(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  t.equal(rests.wait('b'), 0, 'another connection does not rest')
})

t.test('refused credentials are tried again after a minute, then ever more slowly', async t => {
  const rests = open()
  await rests.failed('a', rests.leave(), refused)
  t.equal(rests.wait(), 60_000)
  rests.clock.now += 60_000
  await rests.failed('a', rests.leave(), refused)
  t.equal(rests.wait(), 120_000)
})

t.test('a crowd that fails together is one failure, and the longest wait asked for counts', async t => {
  const rests = open()
  const crowd = [rests.leave(), rests.leave(), rests.leave(), rests.leave()] as const
  await rests.failed('a', crowd[0], busy())
  await rests.failed('a', crowd[1], busy())
  t.equal(rests.wait(), 1_000)
  await rests.failed('a', crowd[2], busy(30_000))
  t.equal(rests.wait(), 30_000)
  await rests.failed('a', crowd[3], busy(5_000))
  t.equal(rests.wait(), 30_000)
})

t.test('an answer that was under way when the platform asked to wait ends no wait', async t => {
  const rests = open()
  const [early, slow, slower] = [rests.leave(), rests.leave(), rests.leave()] as const
  await rests.failed('a', early, busy(30_000))
  await rests.worked('a', slow)
  t.equal(rests.wait(), 30_000)
  rests.clock.now += 30_000
  await rests.worked('a', slower)
  t.same(rests.leave(), { probe: false }, 'once the wait is over, it does')
})

t.test('one that finds out that it works again ends the rest for all', async t => {
  const rests = open()
  await rests.failed('a', rests.leave(), busy())
  rests.clock.now += 1_000
  await rests.worked('a', rests.leave())
  t.same([rests.leave(), rests.leave()], [{ probe: false }, { probe: false }])
  await rests.worked('a', { probe: false })
})

t.test('an error that is none of the platform’s is passed on, and nobody rests for it', async t => {
  const rests = open()
  const mistake = new TypeError('a mistake in the adapter')
  await t.rejects(
    rests.watch('a', rests.leave(), () => Promise.reject(mistake)),
    mistake
  )
  t.equal(rests.wait(), 0)
})
