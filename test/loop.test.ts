import t from 'tap'
import { startLoop } from '../src/loop.ts'

/** A step that the test lets go on, one at a time. */
function heldSteps() {
  const waiting: ((outcome: 'busy' | 'idle') => void)[] = []
  const arrivals: (() => void)[] = []
  let begun = 0
  return {
    step: () =>
      new Promise<'busy' | 'idle'>(resolve => {
        begun += 1
        waiting.push(resolve)
        arrivals.shift()?.()
      }),
    begun: () => begun,
    /** Resolves when a step waits to be let go. */
    arrived: () => new Promise<void>(resolve => (waiting.length > 0 ? resolve() : arrivals.push(resolve))),
    end: (outcome: 'busy' | 'idle') => waiting.shift()?.(outcome)
  }
}

const NEVER_MS = 3_600_000

t.test('goes on at once while there is more to do', async t => {
  const steps = heldSteps()
  const loop = startLoop({ step: steps.step, idleMs: NEVER_MS })
  for (let round = 0; round < 3; round += 1) {
    await steps.arrived()
    steps.end('busy')
  }
  await steps.arrived()
  t.equal(steps.begun(), 4)
  steps.end('idle')
  await loop.stop()
})

t.test('rests after an idle step, and begins again when it is over', async t => {
  const steps = heldSteps()
  const loop = startLoop({ step: steps.step, idleMs: 1 })
  await steps.arrived()
  steps.end('idle')
  await steps.arrived()
  t.equal(steps.begun(), 2)
  steps.end('idle')
  await loop.stop()
})

t.test('rests between busy steps where it is told to, and stops in the middle of that', async t => {
  const steps = heldSteps()
  const loop = startLoop({ step: steps.step, idleMs: NEVER_MS, pauseMs: 1 })
  await steps.arrived()
  steps.end('busy')
  await steps.arrived()
  t.equal(steps.begun(), 2)
  steps.end('idle')
  await loop.stop()

  const slow = heldSteps()
  const pausing = startLoop({ step: slow.step, idleMs: 1, pauseMs: NEVER_MS })
  await slow.arrived()
  slow.end('busy')
  await new Promise(resolve => setImmediate(resolve))
  await pausing.stop()
  t.equal(slow.begun(), 1)
})

t.test('a wake-up ends the rest', async t => {
  const steps = heldSteps()
  const loop = startLoop({ step: steps.step, idleMs: NEVER_MS })
  await steps.arrived()
  steps.end('idle')
  await new Promise(resolve => setImmediate(resolve))
  loop.wake()
  await steps.arrived()
  t.equal(steps.begun(), 2)
  steps.end('idle')
  await loop.stop()
})

t.test('a wake-up in the middle of a step is remembered', async t => {
  const steps = heldSteps()
  const loop = startLoop({ step: steps.step, idleMs: NEVER_MS })
  await steps.arrived()
  loop.wake()
  steps.end('idle')
  await steps.arrived()
  t.equal(steps.begun(), 2)
  steps.end('idle')
  await loop.stop()
})

t.test('stopping waits for the step under way, and no other begins', async t => {
  const steps = heldSteps()
  const loop = startLoop({ step: steps.step, idleMs: NEVER_MS })
  await steps.arrived()
  const stopped = loop.stop()
  steps.end('busy')
  await stopped
  loop.wake()
  t.equal(steps.begun(), 1)
})
