import { EventEmitter } from 'node:events'
import t from 'tap'
import { endAtSignal, untilSignal } from '../../src/cli/terminal/signals.ts'

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

t.test('what does not wait for signals ends at one, until somebody asks for them', async t => {
  const from = source()
  const listenInstead = endAtSignal(from)
  from.emit('SIGTERM')
  from.emit('SIGINT')
  t.same(from.codes, [143, 130])
  listenInstead()
  const first = untilSignal(from, () => 0)
  from.emit('SIGTERM')
  t.equal(await first, 'SIGTERM')
  t.same(from.codes, [143, 130])
})
