import t from 'tap'
import { failedAttempts } from '../../src/operate/failed-attempts.ts'

t.test('however many addresses try, few are remembered, and those that went on the longest', t => {
  const attempts = failedAttempts(() => 0)
  for (let count = 0; count < 6; count += 1) attempts.begun('192.0.2.1')
  for (let count = 0; count < 9_999; count += 1) attempts.begun(`10.0.${count >> 8}.${count & 255}`)
  t.equal(attempts.waitOf('192.0.2.1'), 2_000)
  attempts.begun('192.0.2.2')
  t.equal(attempts.waitOf('192.0.2.1'), 0)
  t.end()
})

t.test('nobody waits for longer than a minute, and after a quarter of an hour all is forgotten', t => {
  let now = 0
  const attempts = failedAttempts(() => now)
  for (let count = 0; count < 40; count += 1) attempts.begun('::ffff:192.0.2.1')
  t.equal(attempts.waitOf('::ffff:192.0.2.1'), 60_000)
  t.equal(attempts.waitOf('::ffff:192.0.2.2'), 0)
  now = 15 * 60_000
  attempts.begun('::ffff:192.0.2.1')
  t.equal(attempts.waitOf('::ffff:192.0.2.1'), 0)
  t.end()
})

t.test('addresses of the newer sort are told apart by what one household has', t => {
  const attempts = failedAttempts(() => 0)
  for (let count = 0; count < 5; count += 1) attempts.begun(`2001:db8::${count + 1}`)
  t.ok(attempts.waitOf('2001:db8:0:0:1::') > 0)
  t.ok(attempts.waitOf('2001:db8::9:9:9:9') > 0)
  t.equal(attempts.waitOf('2001:db8:0:1::'), 0)
  t.equal(attempts.waitOf('::'), 0)
  t.end()
})
