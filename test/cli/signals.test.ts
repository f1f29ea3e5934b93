import { EventEmitter } from 'node:events'
import t from 'tap'
import { signalsTo } from '../../src/cli/terminal/signals.ts'

function source(pid = 4711) {
  const codes: number[] = []
  return Object.assign(new EventEmitter(), { pid, codes, exit: (code: number) => void codes.push(code) })
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`${signal} asks for an orderly stop`, async t => {
    const from = source()
    const first = signalsTo(from, () => 0)()
    from.emit(signal)
    t.equal(await first, signal)
    t.same(from.codes, [])
  })
}

t.test('a keystroke that arrives several times is one; another one ends the process at once', async t => {
  const from = source()
  let now = 1_000
  const first = signalsTo(from, () => now)()
  from.emit('SIGINT')
  from.emit('SIGINT')
  now += 499
  from.emit('SIGTERM')
  t.same(from.codes, [])
  now += 1
  from.emit('SIGTERM')
  t.same(from.codes, [1])
  t.equal(await first, 'SIGINT')
})

t.test('the first process of a container ends at a signal, until it waits for one', async t => {
  const from = source(1)
  const signalled = signalsTo(from, () => 0)
  from.emit('SIGTERM')
  from.emit('SIGINT')
  t.same(from.codes, [143, 130])
  const first = signalled()
  from.emit('SIGTERM')
  t.equal(await first, 'SIGTERM')
  t.same(from.codes, [143, 130])
})

t.test('any other process is left to the system until it waits', async t => {
  const from = source()
  signalsTo(from, () => 0)
  t.same(from.eventNames(), [])
})
