import t from 'tap'
import { lostClaimsOf } from '../../src/store/lost-claims.ts'
import { away, unavailable } from '../../src/store/unavailable.ts'
import type { Committed, Write } from '../../src/store/write.ts'

const write = (sql: string): Write => ({ sql, rows: [[]], returning: false })
const committed: Committed = { committed: true, results: [] }

function open() {
  const made: string[] = []
  const world: { trouble: Error | undefined } = { trouble: undefined }
  const claims = lostClaimsOf({
    async commit(writes) {
      if (world.trouble !== undefined) throw world.trouble
      made.push(...writes.map(each => each.sql))
      return committed
    }
  })
  const claim = (name: string) => claims.commit([write(name)], now => [write(`${name} back at ${now}`)])
  return { ...claims, claim, made, world }
}

t.test('nothing is given back of a claim that was answered, or refused', async t => {
  const { claim, giveBack, made, world } = open()
  t.strictSame(await claim('a'), committed)
  world.trouble = unavailable('the statement is wrong')
  await t.rejects(claim('b'), world.trouble)
  world.trouble = undefined
  await giveBack(1)
  t.strictSame(made, ['a'])
})

t.test('what the store went away over is given back once, as soon as it is there again', async t => {
  const { claim, giveBack, made, world } = open()
  world.trouble = away('it is being started again')
  for (const name of ['a', 'b']) await t.rejects(claim(name), world.trouble)
  await t.rejects(giveBack(1), world.trouble)
  world.trouble = undefined
  await giveBack(2)
  await giveBack(3)
  t.strictSame(made, ['a back at 2', 'b back at 2'])
})

t.test(
  'what the store refuses to take back waits for the end of its lease, and stops no other claim',
  async t => {
    const { claim, giveBack, made, world } = open()
    world.trouble = away('it is being started again')
    await t.rejects(claim('a'), world.trouble)
    world.trouble = unavailable('the statement is wrong')
    await t.rejects(giveBack(1), world.trouble)
    world.trouble = undefined
    await giveBack(2)
    t.strictSame(made, [])
  }
)
