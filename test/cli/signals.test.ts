import { EventEmitter } from 'node:events'
import t from 'tap'
import { untilSignal } from '../../src/cli/terminal/signals.ts'

function source() {
  const codes: number[] = []
  return Object.assign(new EventEmitter(), { codes, exit: (code: number) => void codes.push(code) })
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`${signal} asks for an orderly stop`, async t => {
    const from = source()
    const first = untilSignal(from, () => 0)
    from.emit(signal)
    t.equal(await first, signal)
    t.same(from.codes, [])
  })
}

t.test('a keystroke that arrives several times is one; another one ends the process at once', async t => {
  const from = source()
  let now = 1_000
  const first = untilSignal(from, () => now)
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
