import { deepStrictEqual, ok } from 'node:assert'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { Platform } from '../src/platforms/platform.ts'
import { platforms } from '../src/platforms/registry.ts'
import type { TestEngine } from './engines.ts'
import { type MortalRelay, openMortalRelay, type StepName } from './mortal-relay.ts'

/**
 * Calls of internal services, and webhooks about the same reservations, each with a version of its own. Whatever arrives
 * when, how often and over which crashes: Seam ends up with what was said last of each field.
 */

const CUSTOMER = 'customer'
const CUSTOMERS = [CUSTOMER, 'another']
const started = Date.UTC(2027, 0, 5)

type Members = Record<string, unknown>

interface Push {
  call: 'push_data'
  /** The first of them unless told. */
  customer?: string
  version: number
  body: { spaces?: Members[]; guests?: Members[]; reservations?: Members[] }
}
interface Erase {
  call: 'delete_data'
  version: number
  body: Record<string, string[]>
}
interface Webhook {
  call: 'webhook'
  version: number
  event: { type: string; data: Members }
}
type Statement = Push | Erase | Webhook

/** Each ends with a place for the run's number. The latter of each are names that the webhooks use as well. */
const spaceKeys = ['s1#', 'standard:L1#']
const guestKeys = ['g1#', 'standard:G1#']
const stayKeys = ['r1#', 'standard:R1#', 'standard:R2#']

const withoutUndefined = (members: Members) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

const day = (at: number) => new Date(Date.UTC(2027, 1, at, 15)).toISOString().replace('.000', '')

const anyStay = fc
  .record({
    reservation_key: fc.constantFrom(...stayKeys),
    name: fc.option(fc.constantFrom('Ada', 'Bo'), { nil: undefined }),
    starts_at: fc.option(fc.integer({ min: 1, max: 4 }).map(day), { nil: undefined }),
    ends_at: fc.option(fc.integer({ min: 3, max: 8 }).map(day), { nil: undefined }),
    preferred_code: fc.option(fc.constantFrom('1234', '98765'), { nil: undefined }),
    guest_key: fc.option(fc.constantFrom(...guestKeys), { nil: undefined }),
    space_keys: fc.option(fc.subarray(spaceKeys), { nil: undefined }),
    custom_metadata: fc.option(
      fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('x', 'y', true), {
        minKeys: 1,
        maxKeys: 2,
        noNullPrototype: true
      }),
      { nil: undefined }
    )
  })
  .map(withoutUndefined)
  // The door refuses it.
  .filter(stay => !(Date.parse(String(stay.ends_at)) <= Date.parse(String(stay.starts_at))))

const anyPush = fc
  .record({
    spaces: fc.option(
      fc
        .subarray(spaceKeys, { minLength: 1 })
        .map(keys => keys.map(space_key => ({ space_key, name: `Place ${space_key}` }))),
      { nil: undefined }
    ),
    guests: fc.option(
      fc
        .subarray(guestKeys, { minLength: 1 })
        .map(keys => keys.map(guest_key => ({ guest_key, name: `Guest ${guest_key}` }))),
      { nil: undefined }
    ),
    reservations: fc.option(
      fc.uniqueArray(anyStay, { selector: stay => stay.reservation_key, minLength: 1, maxLength: 2 }),
      {
        nil: undefined
      }
    )
  })
  .map(body => ({ call: 'push_data' as const, body: withoutUndefined(body) as Push['body'] }))

const anyErase = fc
  .record({
    reservation_keys: fc.subarray(stayKeys),
    guest_keys: fc.subarray(guestKeys),
    space_keys: fc.subarray(spaceKeys, { maxLength: 1 })
  })
  .map(body => ({ call: 'delete_data' as const, body }))

const anyWebhook = fc
  .record({
    id: fc.constantFrom('R1#', 'R2#'),
    type: fc.constantFrom('reservation.created', 'reservation.updated', 'reservation.cancelled'),
    from: fc.integer({ min: 1, max: 4 }),
    nights: fc.integer({ min: 1, max: 4 })
  })
  .map(({ id, type, from, nights }) => ({
    call: 'webhook' as const,
    event: {
      type,
      data:
        type === 'reservation.cancelled'
          ? { id }
          : {
              id,
              // Always: whether Seam forgets what it is not told again, nobody knows.
              name: 'Told by webhook',
              preferred_code: '5555',
              guest: { id: 'G1#', name: 'Guest standard:G1#' },
              listing_id: 'L1#',
              starts_at: day(from),
              ends_at: day(from + nights)
            }
    }
  }))

/** Of a key that goes from customer to customer: each has it for a while, pushes it, and it is deleted in the end. */
const anyTenure = fc
  .record({
    customer: fc.constantFrom(...CUSTOMERS),
    pushed: fc.array(
      fc.record({ name: fc.constantFrom('Ada', 'Bo'), stay: fc.boolean(), guest: fc.boolean() }),
      { minLength: 1, maxLength: 2 }
    ),
    isOver: fc.boolean()
  })
  .map(({ customer, pushed, isOver }) => ({
    customer,
    isOver,
    pushes: pushed.map(({ name, stay, guest }) => ({
      call: 'push_data' as const,
      customer,
      body: {
        ...(guest && { guests: [{ guest_key: 'moved-guest#', name }] }),
        ...((stay || !guest) && {
          reservations: [{ reservation_key: 'moved#', name, starts_at: day(1), ends_at: day(3) }]
        })
      }
    }))
  }))

const movedGone = {
  call: 'delete_data' as const,
  body: { reservation_keys: ['moved#'], guest_keys: ['moved-guest#'] }
}

type Said = Omit<Push, 'version'> | Omit<Erase, 'version'> | Omit<Webhook, 'version'>

/** In the order of their versions, each a second later than the one before. */
function inOrder(said: Said[]): Statement[] {
  return said.map((each, position) => ({ ...each, version: started + position * 1_000 }) as Statement)
}

/** How they arrive: in which order, how often, and what happens in between. */
interface Arrival {
  pick: number
  again: boolean
  steps: StepName[]
  die: number | undefined
}

const anyArrivals: fc.Arbitrary<Arrival[]> = fc.array(
  fc.record({
    pick: fc.nat({ max: 99 }),
    again: fc.boolean(),
    steps: fc.subarray<StepName>(['translateOnce', 'syncOnce', 'redrawOnce']),
    die: fc.option(fc.nat({ max: 3 }), { nil: undefined, freq: 6 })
  }),
  { minLength: 12, maxLength: 12 }
)

/** Each run speaks of things of its own. */
function ofRun<T>(run: number, value: T): T {
  return JSON.parse(JSON.stringify(value).replaceAll('#"', `#${run}"`))
}

let serial = 0

async function arrive(relay: MortalRelay, statement: Statement): Promise<void> {
  const { version } = statement
  serial += 1
  if (statement.call === 'webhook') {
    const timestamp = new Date(version).toISOString()
    const [connection] = relay.connections
    const body = JSON.stringify({ ...statement.event, timestamp })
    if (connection !== undefined)
      await relay.post(connection, { event: statement.event.type, body }, `msg_${serial}`)
    return
  }
  const body =
    statement.call === 'push_data'
      ? { customer_key: statement.customer ?? CUSTOMER, ...statement.body }
      : statement.body
  await relay.call(`/customers/${statement.call}`, body, { 'relay-version': String(version) })
}

/** All of them, as the arrivals say; whatever the arrivals leave over comes at the end. @returns what Seam holds of the run */
async function play(
  relay: MortalRelay,
  run: number,
  statements: Statement[],
  arrivals: Arrival[]
): Promise<Members> {
  await say(relay, run, statements, arrivals)
  return heldOf(relay, run, CUSTOMER)
}

async function say(
  relay: MortalRelay,
  run: number,
  statements: Statement[],
  arrivals: Arrival[]
): Promise<void> {
  const left = ofRun(run, statements)
  for (const { pick, again, steps, die } of arrivals) {
    if (left.length === 0) break
    const position = pick % left.length
    const statement = left[position] as Statement
    if (!again) left.splice(position, 1)
    if (die !== undefined) relay.dieAfter(die, die % 2 === 0)
    await arrive(relay, statement)
    for (const step of steps) await relay.step(step)
  }
  for (const statement of left) await arrive(relay, statement)
  await relay.settle()
}

async function heldOf(relay: MortalRelay, run: number, customer: string): Promise<Members> {
  const { customers, overlaps } = await relay.held()
  deepStrictEqual(overlaps, {}, 'two calls about one customer met')
  const found = customers.find(each => each.customer_key === customer)
  const isOfRun = (entry: object) => JSON.stringify(entry).includes(`#${run}"`)
  const lists = Object.entries(found?.resources ?? {})
    .map(([list, entries]) => [list, sorted((entries as Members[]).filter(isOfRun))] as const)
    .filter(([, entries]) => entries.length > 0)
  return Object.fromEntries(lists)
}

function sorted(entries: Members[]): Members[] {
  const keyOf = (entry: Members) => String(entry.reservation_key ?? entry.guest_key ?? entry.space_key)
  return [...entries].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

/**
 * A stay that was deleted and told again before Seam heard of either goes as one push, and Seam keeps what that does not
 * tell: of such a stay only what was told since counts.
 */
function withoutLeftovers(held: Members, expected: Members, statements: Statement[]): Members {
  const gone = statements.flatMap(each => {
    if (each.call === 'delete_data') return each.body.reservation_keys ?? []
    const isCancelled = each.call === 'webhook' && each.event.type === 'reservation.cancelled'
    return isCancelled ? [`standard:${each.event.data.id}`] : []
  })
  const wanted = new Map(
    (expected.reservations as Members[] | undefined)?.map(each => [each.reservation_key, each])
  )
  const trimmed = (held.reservations as Members[] | undefined)?.map(stay => {
    const told = wanted.get(stay.reservation_key)
    if (told === undefined || !gone.includes(String(stay.reservation_key))) return stay
    const members = pick(stay, Object.keys(told))
    if (members.custom_metadata === undefined) return members
    const metadata = pick(members.custom_metadata as Members, Object.keys(told.custom_metadata as Members))
    return { ...members, custom_metadata: metadata }
  })
  return { ...held, ...(trimmed && { reservations: trimmed }) }
}

function pick(members: Members, names: string[]): Members {
  return Object.fromEntries(Object.entries(members).filter(([name]) => names.includes(name)))
}

/** What Seam must hold of pushes and deletions, worked out without the relay: the last word on each field counts. */
function expectedOf(statements: (Push | Erase)[]): Members {
  const lastErased = (list: string, key: string) =>
    Math.max(
      0,
      ...statements.flatMap(each =>
        each.call === 'delete_data' && each.body[list]?.includes(key) ? each.version : []
      )
    )
  const told = (list: 'spaces' | 'guests' | 'reservations', keyField: string, key: string) =>
    statements.flatMap(each =>
      each.call === 'push_data'
        ? (each.body[list] ?? [])
            .filter(entry => entry[keyField] === key)
            .map(entry => ({ entry, version: each.version }))
        : []
    )
  const merged = (entries: { entry: Members }[]) => {
    const whole: Members = {}
    for (const { entry } of entries) {
      const metadata = { ...(whole.custom_metadata as object), ...(entry.custom_metadata as object) }
      Object.assign(whole, entry, Object.keys(metadata).length > 0 && { custom_metadata: metadata })
    }
    return whole
  }

  const spaces = spaceKeys.map(key => {
    const entries = told('spaces', 'space_key', key)
    const alive = entries.filter(({ version }) => version > lastErased('space_keys', key))
    // A key with a connection's prefix belongs to its customer, pushed or not.
    const isOwned = entries.length > 0 || key.includes(':')
    return { key, isOwned, fields: alive.length > 0 ? merged(alive) : undefined }
  })
  const reservations = stayKeys.flatMap(key => {
    const entries = told('reservations', 'reservation_key', key).filter(
      ({ version }) => version > lastErased('reservation_keys', key)
    )
    if (entries.length === 0) return []
    const stay = merged(entries)
    const gone = (stay.space_keys as string[] | undefined)?.some(named =>
      spaces.some(
        space =>
          space.key === named &&
          space.isOwned &&
          lastErased('space_keys', named) > 0 &&
          space.fields === undefined
      )
    )
    const open = stay.starts_at !== undefined && stay.ends_at === undefined
    const inverted = Date.parse(String(stay.ends_at)) <= Date.parse(String(stay.starts_at))
    return gone || open || inverted ? [] : [stay]
  })
  const guests = guestKeys.flatMap(key => {
    const entries = told('guests', 'guest_key', key)
    const stands = entries.some(({ version }) => version > lastErased('guest_keys', key))
    const used = reservations.some(stay => stay.guest_key === key)
    return entries.length > 0 && (stands || used) ? [merged(entries)] : []
  })
  const all = {
    spaces: spaces.flatMap(({ fields }) => fields ?? []),
    guests,
    reservations
  }
  return Object.fromEntries(
    Object.entries(all)
      .filter(([, entries]) => entries.length > 0)
      .map(([list, entries]) => [list, sorted(entries as Members[])])
  )
}

/** What Seam must hold for a customer of pushes that tell all of what they speak of. */
function expectedOfMoved(pushes: Push[]): Members {
  return Object.assign({}, ...pushes.map(({ body }) => body))
}

async function open(test: Test, engine: TestEngine): Promise<MortalRelay> {
  const platform = platforms.standard as Platform
  const connections = [{ id: 'standard', customerKey: CUSTOMER }]
  return openMortalRelay(test, platform, { engine, connections, random: () => 0.5 })
}

/** @param numRuns of calls alone; half as many with webhooks */
export function callsConvergence(engine: TestEngine, numRuns: number): void {
  t.test(
    'calls alone: the last word on each field counts, whatever arrives when',
    { timeout: 300_000 },
    async t => {
      const relay = await open(t, engine)
      const anySaid = fc.oneof({ weight: 3, arbitrary: anyPush }, { weight: 2, arbitrary: anyErase })
      let run = 0
      await fc.assert(
        fc.asyncProperty(
          fc.array(anySaid, { minLength: 1, maxLength: 7 }),
          anyArrivals,
          async (said, arrivals) => {
            run += 1
            const statements = inOrder(said) as (Push | Erase)[]
            const expected = ofRun(run, expectedOf(statements))
            const held = await play(relay, run, statements, arrivals)
            deepStrictEqual(withoutLeftovers(held, expected, ofRun(run, statements)), expected)
          }
        ),
        { numRuns }
      )
    }
  )

  t.test(
    'a key that goes from customer to customer: what was deleted is nobody’s, whatever arrives when',
    { timeout: 300_000 },
    async t => {
      const relay = await open(t, engine)
      let run = 0
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyTenure, { minLength: 2, maxLength: 4 }),
          anyArrivals,
          async (tenures, arrivals) => {
            run += 1
            const statements = inOrder(
              tenures.flatMap(({ pushes, isOver }, position) =>
                isOver || position < tenures.length - 1 ? [...pushes, movedGone] : pushes
              )
            )
            const left = statements.slice(statements.findLastIndex(each => each.call === 'delete_data') + 1)
            const expected = CUSTOMERS.map(customer =>
              ofRun(run, expectedOfMoved(left.filter(each => (each as Push).customer === customer) as Push[]))
            )
            await say(relay, run, statements, arrivals)
            // A push that met the key as another customer's was refused.
            for (const [index, customer] of CUSTOMERS.entries())
              for (const list of Object.keys(await heldOf(relay, run, customer)))
                ok(expected[index]?.[list], `${list} of ${customer} came back`)
            for (const statement of statements) await say(relay, run, [statement], [])
            const held = await Promise.all(CUSTOMERS.map(customer => heldOf(relay, run, customer)))
            deepStrictEqual(held, expected)
          }
        ),
        { numRuns: Math.ceil(numRuns / 2) }
      )
    }
  )

  t.test(
    'calls and webhooks about the same: any order of arrival ends alike',
    { timeout: 300_000 },
    async t => {
      const [straight, shuffled] = [await open(t, engine), await open(t, engine)]
      const anySaid = fc.oneof(
        { weight: 3, arbitrary: anyPush },
        { weight: 1, arbitrary: anyErase },
        { weight: 3, arbitrary: anyWebhook }
      )
      let run = 0
      await fc.assert(
        fc.asyncProperty(
          fc.array(anySaid, { minLength: 2, maxLength: 6 }),
          anyArrivals,
          async (said, arrivals) => {
            run += 1
            const statements = inOrder(said)
            const expected = await play(straight, run, statements, [])
            const held = await play(shuffled, run, statements, arrivals)
            const told = ofRun(run, statements)
            deepStrictEqual(withoutLeftovers(held, expected, told), withoutLeftovers(expected, held, told))
          }
        ),
        { numRuns: Math.ceil(numRuns / 2) }
      )
    }
  )
}
