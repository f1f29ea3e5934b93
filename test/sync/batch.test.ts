import fc from 'fast-check'
import t from 'tap'
import { type Kind, kinds } from '../../src/model/kind.ts'
import type { DirtyResource } from '../../src/store/outbox.ts'
import { batchesOf, bodyOf, settledWithoutCall } from '../../src/sync/batch.ts'

const ROOMY = { resources: 500, bytes: 512 * 1024 }

function pushed(
  kind: Kind,
  key: string,
  told: Record<string, unknown> = {},
  startsAt: number | null = null
): DirtyResource {
  const fields = { [kinds[kind].keyField]: key, ...told }
  return { kind, key, revision: 2, fields, offered: false, startsAt }
}

function gone(kind: Kind, key: string, offered = true): DirtyResource {
  return { kind, key, revision: 2, fields: null, offered, startsAt: null }
}

const shown = (resources: DirtyResource[]) =>
  batchesOf(resources, 'lakeside', ROOMY).map(batch => [
    batch.operation,
    batch.resources.map(each => each.key).join(' ')
  ])

t.test('one merged push stands between the end of stays and the end of people and places', t => {
  const resources = [
    gone('guest', 'g-gone'),
    pushed('guest', 'g1'),
    gone('space', 'p-gone'),
    pushed('reservation', 's2', { guest_key: 'g1', space_keys: ['p1', 'p2'] }, 2_000),
    gone('reservation', 's-gone'),
    pushed('space', 'p2'),
    pushed('reservation', 's1', { guest_key: 'g1', space_keys: ['p2'] }, 1_000),
    pushed('space', 'p1')
  ]
  t.same(shown(resources), [
    ['delete_data', 's-gone'],
    ['push_data', 'p2 g1 s1 p1 s2'],
    ['delete_data', 'g-gone p-gone']
  ])
  t.end()
})

t.test('stays come by arrival, and of one arrival by key; whom no stay names comes last', t => {
  const resources = [
    pushed('guest', 'g-alone'),
    pushed('reservation', 's3', {}, 5_000),
    pushed('reservation', 's2', {}, 5_000),
    pushed('reservation', 's1', {}, 4_000),
    pushed('site', 'site-alone')
  ]
  t.same(shown(resources), [['push_data', 's1 s2 s3 site-alone g-alone']])
  t.end()
})

t.test('a site goes before the place in it, even where only the place is named', t => {
  const resources = [
    pushed('reservation', 's1', { room_keys: ['r1'] }),
    pushed('room', 'r1', { parent_site_key: 'site' }),
    pushed('site', 'site')
  ]
  t.same(shown(resources), [['push_data', 'site r1 s1']])
  t.end()
})

t.test('a key that several kinds have leads nobody in a circle', t => {
  const resources = [
    pushed('reservation', 'x', { guest_key: 'x', space_keys: ['x'] }),
    pushed('guest', 'x'),
    pushed('space', 'x', { parent_site_key: 'x' })
  ]
  t.same(
    batchesOf(resources, 'lakeside', ROOMY).map(batch => batch.resources.map(each => each.kind)),
    [['space', 'guest', 'reservation']]
  )
  t.end()
})

t.test('what Seam never heard of is gone without a call, and so is a site, which Seam cannot delete', t => {
  const resources = [
    gone('reservation', 's1', false),
    gone('guest', 'g1', false),
    gone('site', 'site'),
    gone('space', 'p1')
  ]
  t.same(
    settledWithoutCall(resources).map(each => each.key),
    ['s1', 'g1', 'site']
  )
  t.same(shown(resources), [['delete_data', 'p1']])
  t.end()
})

t.test('a body names each resource in the list of its kind', t => {
  const stay = pushed('access_grant', 's1', { tenant_key: 't1' })
  const push = {
    operation: 'push_data' as const,
    resources: [pushed('unit', 'u1'), pushed('unit', 'u2'), stay]
  }
  t.same(bodyOf(push, 'lakeside'), {
    customer_key: 'lakeside',
    units: [{ unit_key: 'u1' }, { unit_key: 'u2' }],
    access_grants: [{ access_grant_key: 's1', tenant_key: 't1' }]
  })
  const end = {
    operation: 'delete_data' as const,
    resources: [gone('unit', 'u1'), gone('property_listing', 'l1'), gone('site', 'x')]
  }
  t.same(bodyOf(end, 'lakeside'), { unit_keys: ['u1'], property_listing_keys: ['l1'] }, 'and no customer')
  t.end()
})

t.test('a stay without an arrival, such as one that is over, goes after those that will arrive', t => {
  const stays = [pushed('reservation', 'over'), pushed('reservation', 'tonight', {}, 1_000)]
  t.same(shown(stays), [['push_data', 'tonight over']])
  t.end()
})

t.test('a resource larger than the limit travels alone', t => {
  const resources = ['g1', 'g2', 'g3'].map(key =>
    pushed('guest', key, { name: key === 'g2' ? 'x'.repeat(5_000) : 'Ada' })
  )
  const batches = batchesOf(resources, 'lakeside', { resources: 500, bytes: 4_096 })
  t.same(
    batches.map(batch => batch.resources.map(each => each.key)),
    [['g1'], ['g2'], ['g3']]
  )
  t.end()
})

const placeKinds: Kind[] = ['site', 'space', 'room', 'unit']
const guestKinds: Kind[] = ['guest', 'tenant']
const stayKinds: Kind[] = ['reservation', 'access_grant']
const someKey = fc.constantFrom('1', '2', '3', '4', '5')

const parent = fc
  .tuple(fc.constantFrom(...placeKinds, ...guestKinds), someKey, fc.nat({ max: 400 }), fc.option(someKey))
  .map(([kind, key, size, site]) =>
    pushed(kind, key, { name: 'x'.repeat(size), ...(site && kind !== 'site' && { parent_site_key: site }) })
  )
const stay = fc
  .tuple(
    fc.constantFrom(...stayKinds),
    someKey,
    fc.subarray(['1', '2', '3', '4', '5']),
    someKey,
    fc.nat(50),
    fc.nat({ max: 900 })
  )
  .map(([kind, key, places, guest, startsAt, size]) =>
    pushed(
      kind,
      key,
      { space_keys: places, unit_keys: places, guest_key: guest, name: 'é'.repeat(size) },
      startsAt
    )
  )
const removed = fc
  .tuple(fc.constantFrom(...placeKinds, ...guestKinds, ...stayKinds), someKey, fc.boolean())
  .map(([kind, key, offered]) => gone(kind, key, offered))
const changes = fc.uniqueArray(fc.oneof(parent, stay, removed), {
  maxLength: 40,
  selector: each => `${each.kind} ${each.key}`
})
const limits = fc.record({
  resources: fc.integer({ min: 1, max: 12 }),
  bytes: fc.integer({ min: 1_100, max: 8_000 })
})
const customer = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 })

t.test(
  'whatever changed: each resource in one batch or settled, limits held, parents before stays, calls in order',
  t => {
    const property = fc.property(changes, limits, customer, (resources, limit, customerKey) => {
      const batches = batchesOf(resources, customerKey, limit)
      const sent = batches.flatMap(batch => batch.resources)
      const all = [...sent, ...settledWithoutCall(resources)]
      if (all.length !== resources.length || new Set(all).size !== all.length) return false

      for (const { operation, resources: members } of batches) {
        if (members.length === 0 || members.length > limit.resources) return false
        const bytes = Buffer.byteLength(
          JSON.stringify(bodyOf({ operation, resources: members }, customerKey))
        )
        if (members.length > 1 && bytes > limit.bytes) return false
        if (members.some(each => (each.fields === null) !== (operation === 'delete_data'))) return false
      }

      const stage = ({ fields, kind }: DirtyResource) =>
        fields !== null ? 1 : kinds[kind].role === 'stay' ? 0 : 2
      if (sent.some((each, place) => place > 0 && stage(each) < stage(sent[place - 1] ?? each))) return false

      const names = (child: DirtyResource, other: DirtyResource) => {
        const { refField } = kinds[other.kind]
        const value = other.kind === 'site' ? child.fields?.parent_site_key : child.fields?.[refField ?? '']
        return [value].flat().includes(other.key)
      }
      const pushes = sent.filter(each => each.fields !== null)
      return pushes.every((child, place) => !pushes.slice(place + 1).some(each => names(child, each)))
    })
    fc.assert(property, { numRuns: 500 })
    t.pass()
    t.end()
  }
)
