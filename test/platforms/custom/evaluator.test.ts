import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { Job } from '../../../src/platforms/custom/evaluation.ts'
import { evaluator } from '../../../src/platforms/custom/evaluator.ts'

function job(expression: string, input: unknown = {}, milliseconds = 100): Job {
  const limits = { milliseconds, depth: 1_000, sequence: 1_000 }
  return { expression, input: JSON.stringify(input), bindings: '{}', limits }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const ended = {
  fails: { message: 'it took too much time or memory and was ended', offset: 0, stopped: true }
}

t.test('jobs are done in order, each with its own outcome', async t => {
  const evaluate = evaluator().queue()
  const outcomes = await Promise.all([1, 2, 3].map(a => evaluate(job('a + 1', { a }, 5_000))))
  t.match(outcomes, [{ yields: 2 }, { yields: 3 }, { yields: 4 }])
  t.match(await evaluate(job('a +', {}, 5_000)), { fails: { message: /^S0207/ } })
})

t.test('a regular expression that does not come to its end is ended, and others go on', async t => {
  const evaluate = evaluator().queue()
  let turns = 0
  const turning = setInterval(() => (turns += 1), 10)
  const hostile = evaluate(job('$contains(a, /^(a+)+$/)', { a: `${'a'.repeat(60)}!` }))
  const next = evaluate(job('a', { a: 1 }, 5_000))
  t.match(await hostile, ended)
  t.match(await next, { yields: 1 })
  clearInterval(turning)
  t.ok(turns > 10, 'and nobody in this process waits meanwhile')
})

t.test('whose jobs take long makes nobody wait for all of them', async t => {
  const { queue } = evaluator()
  const [slow, quick] = [queue(), queue()]
  const order: string[] = []
  const done = (name: string) => () => void order.push(name)
  const loop = job('( $f := function($n){ $f($n + 1) }; $f(0) )', {}, 50)
  await Promise.all([
    slow(loop).then(done('slow 1')),
    slow(loop).then(done('slow 2')),
    slow(loop).then(done('slow 3')),
    quick(job('1', {}, 5_000)).then(done('quick 1')),
    quick(job('1', {}, 5_000)).then(done('quick 2'))
  ])
  t.strictSame(order, ['slow 1', 'slow 2', 'quick 1', 'slow 3', 'quick 2'])
})

t.test('an expression that takes all memory ends its process and not the relay', async t => {
  const evaluate = evaluator().queue()
  t.match(await evaluate(job('$length($pad("a", 400000000))', {}, 5_000)), { fails: { stopped: true } })
  t.match(await evaluate(job('1', {}, 5_000)), { yields: 1 })
})

t.test('the process knows nothing of the relay’s environment', async t => {
  process.env.A_SECRET_OF_THE_RELAY = 'hunter2'
  t.teardown(() => delete process.env.A_SECRET_OF_THE_RELAY)
  const directory = t.testdir({
    'tells.mjs': `process.on('message', () => process.send({ yields: process.env.A_SECRET_OF_THE_RELAY ?? 'nothing' }));
process.on('disconnect', () => process.exit()); process.send({ ready: true })`
  })
  const evaluate = evaluator({ program: join(directory, 'tells.mjs') }).queue()
  t.match(await evaluate(job('1', {}, 5_000)), { yields: 'nothing' })
})

t.test('a process that ends between two jobs is replaced', async t => {
  const directory = t.testdir({
    'once.mjs': `process.on('message', () => { process.send({ yields: process.pid }, () => process.exit()) });
process.send({ ready: true })`
  })
  const evaluate = evaluator({ program: join(directory, 'once.mjs') }).queue()
  const first = await evaluate(job('1', {}, 5_000))
  while ('yields' in first && isRunning(Number(first.yields))) await setImmediate()
  const second = await evaluate(job('1', {}, 5_000))
  t.ok('yields' in first && 'yields' in second && first.yields !== second.yields)
})

t.test('without a process there is nothing to be read, until there is one', async t => {
  const directory = t.testdir({})
  const evaluate = evaluator({ program: join(directory, 'nothing.mjs') }).queue()
  for (const _again of [1, 2])
    await t.rejects(evaluate(job('1')), { code: 'RELAY_INTERNAL', retryable: true })
})
