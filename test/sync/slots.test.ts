import t from 'tap'
import type { ClaimedLane } from '../../src/store/lane-claims.ts'
import { type Slot, type SlotsOptions, slotsOf } from '../../src/sync/slots.ts'

function aLane(workspaceId: string): ClaimedLane {
  return {
    workspaceId,
    customerKey: 'a',
    leaseToken: 1,
    failures: 0,
    probeUntil: undefined,
    offboardStamp: undefined,
    offboardDue: false,
    arrivalAt: null,
    leaseUntil: 26_000
  }
}

/** Whoever claims gets a lane of the first workspace that is not excepted; `claim` may do otherwise. */
function slotsFor(workspaces: string[], told: Partial<SlotsOptions> = {}) {
  const claim: SlotsOptions['lanes']['claim'] = async (_now, _leaseMs, _order, _dueBy, except = []) => {
    const workspace = workspaces.find(each => !except.includes(each))
    return workspace === undefined ? undefined : aLane(workspace)
  }
  return slotsOf({
    lanes: { claim },
    atOnce: 4,
    workspaces: workspaces.length,
    silent: new Set(),
    leaseMs: 25_000,
    isShared: false,
    now: () => 1_000,
    ...told
  })
}

/** All that are to be had at the same moment. */
async function takeAll({ claim }: { claim(): Promise<Slot | undefined> }): Promise<Record<string, number>> {
  const taken = await Promise.all(Array.from({ length: 40 }, claim))
  const held: Record<string, number> = {}
  for (const slot of taken)
    if (slot !== undefined) held[slot.lane.workspaceId] = (held[slot.lane.workspaceId] ?? 0) + 1
  return held
}

t.test('whoever comes first has all common slots, and each workspace its own', async t => {
  const slots = slotsFor(['a', 'b', 'c'])
  t.same(await takeAll(slots), { a: 4, b: 2, c: 2 })
  t.equal(slots.count, 8)
})

t.test('where one customer goes at a time, it is one of each workspace', async t => {
  const slots = slotsFor(['a', 'b'], { atOnce: 1 })
  t.same(await takeAll(slots), { a: 1, b: 1 })
  t.equal(slots.count, 2)
})

t.test('one workspace has as many slots as the setting says', async t => {
  for (const atOnce of [1, 2, 3, 8]) {
    const slots = slotsFor(['a'], { atOnce })
    t.equal(slots.count, atOnce)
    t.same(await takeAll(slots), { a: atOnce })
  }
})

t.test('very many workspaces do not make very many loops', t => {
  t.equal(slotsFor(Array.from({ length: 500 }, (_none, serial) => `w${serial}`)).count, 10)
  t.end()
})

t.test('however many do not answer, they leave the common slots to the others', async t => {
  const silent = new Set(['a', 'b', 'c', 'd', 'e'])
  t.same(await takeAll(slotsFor(['a', 'b', 'w'], { silent })), { a: 2, b: 2, w: 4 })
  t.same(await takeAll(slotsFor([...silent, 'w'], { silent })), { a: 2, b: 2, c: 2, d: 2, w: 2 })
})

t.test('a slot is free again after its customer, and where none could be claimed', async t => {
  let fails = true
  const silent = new Set<string>()
  const slots = slotsFor([], {
    workspaces: 2,
    silent,
    lanes: {
      async claim() {
        if (fails) throw new TypeError('the store is away')
        return aLane('a')
      }
    }
  })
  for (let round = 0; round < 5; round += 1) await t.rejects(slots.claim())
  fails = false
  for (let round = 0; round < 9; round += 1) {
    const slot = await slots.claim()
    t.ok(slot)
    slot?.free()
  }
  for (let taken = 0; taken < 2; taken += 1) t.ok(await slots.claim())
  fails = true
  await t.rejects(slots.claim(), 'a slot of its own')
  fails = false
  const own = await slots.claim()
  t.ok(own)
})

t.test(
  'on a shared store only a workspace that does not answer leaves the first choice to others',
  async t => {
    const asked: unknown[] = []
    const silent = new Set(['a'])
    const slots = slotsFor(['a', 'b'], {
      silent,
      isShared: true,
      lanes: {
        async claim(_now, _leaseMs, _order, dueBy, except) {
          asked.push({ dueBy, except })
          return undefined
        }
      }
    })
    t.equal(await slots.claim(), undefined)
    silent.clear()
    t.equal(await slots.claim(), undefined)
    t.same(asked, [
      { dueBy: 1_000, except: ['a'] },
      { dueBy: -500, except: [] },
      { dueBy: 1_000, except: [] }
    ])
  }
)

t.test('those who wait for a store that fails do not wait for it one after the other', async t => {
  let asked = 0
  const slots = slotsFor([], {
    atOnce: 1,
    workspaces: 4,
    lanes: {
      async claim() {
        asked += 1
        throw new TypeError('the store is away')
      }
    }
  })
  const ended = await Promise.allSettled(Array.from({ length: slots.count }, () => slots.claim()))
  t.same(
    ended.map(each => each.status),
    Array(4).fill('rejected')
  )
  t.equal(asked, 1)
  await t.rejects(slots.claim())
  t.equal(asked, 2, 'whoever comes later looks again')
})
