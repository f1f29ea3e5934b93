/**
 * What every adapter must keep, run over its samples and its fixtures:
 *
 *     contract(t, acme, demoConnection(acme))
 *
 * Fixtures are pairs in `test/platforms/<name>/fixtures`: `<case>.json` and `<case>.changes.json`.
 * `<case>.json` is the body of a request. Where more has to be said, it is an object with `body` (JSON, or a string for
 * bodies that are not) and any of
 *   - `$receivedAt`  ISO 8601 or ms; 2026-01-01T00:00:00Z unless told
 *   - `$headers`, `$query`  name → value
 *   - `$connection`  members of the connection that differ from the demo connection; `null` takes one away
 *   - `$world`  what the stand-in's API knows; hydration reads it
 *   - `$facts`  instead of reading: a list with the facts of each event, in order
 * `<case>.changes.json` is one flat list: the changes of all events in order, and `{ "ignored": … }` in the place of an
 * event that asks for nothing. Fields that are `undefined` in a change are left out.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { Value } from '@sinclair/typebox/value'
import type { Test } from 'tap'
import type { Connection } from '../../src/model/connection.ts'
import { type Platform, translateEvent } from '../../src/platforms/platform.ts'
import type { SampleDelivery } from '../../src/platforms/samples.ts'
import { misfits } from './change-schema.ts'
import { checkBrokenBodies } from './contract-broken-bodies.ts'
import { checkGonePlace } from './contract-gone-place.ts'
import { checkStatuses } from './contract-statuses.ts'
import { checkStory } from './contract-story.ts'
import { checkStrangers, checkVerification } from './contract-verification.ts'
import { defaultReceivedAt, deliveryOf, factsOf, type Outcome, outcomesOf } from './outcome.ts'

export { testApi } from './api.ts'
export { demoConnection } from './demo-connection.ts'
export { deliveryOf, incomingOf, type Outcome, outcomesOf } from './outcome.ts'

const now = defaultReceivedAt

/** Runs the whole suite as one subtest. */
export async function contract(t: Test, platform: Platform, connection: Connection): Promise<void> {
  await t.test(`${platform.name} keeps the adapter contract`, async t => {
    const samples = Object.entries(platform.samples.events).map(([type, make]) => ({
      type,
      sample: make({ connection, now, serial: 1 })
    }))
    checkDeclaration(t, platform, connection)
    for (const { type, sample } of samples) {
      await t.test(`the sample ${type} is taken in, and a forged one is not`, async t => {
        await checkVerification(t, platform, connection, sample)
        await checkOutcomes(t, platform, connection, sample)
      })
    }
    await t.test('requests nobody signed are refused', t => checkStrangers(t, platform, connection))
    await t.test('a booking is told from beginning to end', t => checkStory(t, platform, connection))
    await t.test(
      'after a place is gone, the cancellation of a booking brings back neither the place nor other stays in it',
      t => checkGonePlace(t, platform, connection)
    )
    await t.test('each status leads to what the adapter says of it', t =>
      checkStatuses(t, platform, connection)
    )
    await t.test('broken bodies are refused in an orderly way', async t => {
      // Five hundred for each adapter at least.
      const numRuns = Math.max(150, Math.ceil(500 / samples.length))
      for (const { sample } of samples) await checkBrokenBodies(t, platform, connection, sample, numRuns)
    })
    await t.test('each fixture means what stands beside it', t => checkFixtures(t, platform, connection))
  })
}

function checkDeclaration(t: Test, platform: Platform, connection: Connection): void {
  t.match(platform.name, /^[a-z][a-z0-9]*$/, 'the name fits into an address')
  t.ok(Object.keys(platform.samples.events).length > 0, 'there are samples')
  for (const [type, reason] of Object.entries(platform.ignored)) {
    t.ok(reason.trim() !== '', `${type} is ignored for a reason`)
    t.notOk(Object.hasOwn(platform.events, type), `${type} is not handled and ignored at once`)
  }
  if (platform.hydration !== undefined) t.ok(platform.standIn !== undefined, 'hydration has a stand-in')
  for (const schema of [platform.secrets, ...(platform.api === undefined ? [] : [platform.api])]) {
    const kinds = Object.values(schema.properties).map(property => property.type)
    t.ok(
      kinds.every(kind => kind === 'string'),
      'every setting is a string'
    )
  }
  const secrets = Object.entries(connection.secrets).map(([name, list]) => [name, list[0]])
  t.ok(
    Value.Check(platform.secrets, Object.fromEntries(secrets)),
    'the connection’s secrets fit their schema'
  )
  if (platform.api !== undefined && connection.api !== undefined) {
    t.ok(Value.Check(platform.api, connection.api), 'the connection’s API settings fit their schema')
  }
}

async function checkOutcomes(
  t: Test,
  platform: Platform,
  connection: Connection,
  sample: SampleDelivery
): Promise<void> {
  const world = new Map(Object.entries(sample.world ?? {}))
  const delivery = deepFrozen(deliveryOf(connection, sample, now))
  const events = await platform.readEvents(delivery)
  t.ok(events.length > 0, 'it holds an event')
  const facts = await factsOf(platform, connection, events, world)
  for (const [position, event] of events.entries()) {
    const known = Object.hasOwn(platform.events, event.type) || Object.hasOwn(platform.ignored, event.type)
    t.ok(known, `${event.type} is known`)
    const read = facts[position]
    if (read !== undefined) t.strictSame(JSON.parse(JSON.stringify(read)), read, 'facts are JSON')
    const wanted = platform.hydration?.wants(event, connection) ?? 'no'
    for (const facts of wanted === 'may' ? [read, undefined] : [read]) {
      const context = deepFrozen({ event, facts, delivery, connection: structuredClone(connection) })
      const translation = translateEvent(platform, context)
      t.strictSame(misfits(translation), [], `${event.type} gives changes that fit`)
      t.strictSame(translateEvent(platform, context), translation, 'the same every time')
    }
  }
}

async function checkFixtures(t: Test, platform: Platform, connection: Connection): Promise<void> {
  const folder = new URL(`./${platform.name}/fixtures/`, import.meta.url)
  const files = readdirSync(folder)
  const cases = files.filter(name => name.endsWith('.json') && !name.endsWith('.changes.json'))
  t.ok(cases.length > 0, 'there are fixtures')
  t.strictSame(
    new Set(files),
    new Set(cases.flatMap(name => [name, name.replace(/json$/, 'changes.json')])),
    'they come in pairs'
  )
  for (const name of cases) {
    const expected = readJson(new URL(name.replace(/json$/, 'changes.json'), folder))
    const outcomes = await fixtureOutcomes(platform, connection, readJson(new URL(name, folder)))
    for (const { translation } of outcomes) t.strictSame(misfits(translation), [], `${name} fits`)
    const flat = outcomes.flatMap(({ translation }): unknown[] =>
      Array.isArray(translation) ? translation : [translation]
    )
    t.strictSame(JSON.parse(JSON.stringify(flat)), expected, name)
  }
}

function fixtureOutcomes(platform: Platform, connection: Connection, fixture: unknown): Promise<Outcome[]> {
  const file = fixture as Record<string, unknown>
  const dressed = Object.keys(file).some(name => name.startsWith('$'))
  const body = dressed ? file.body : fixture
  const sample = {
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(file.$headers !== undefined && { headers: file.$headers as Record<string, string> }),
    ...(file.$query !== undefined && { query: file.$query as Record<string, string> })
  }
  const settings = Object.entries((file.$connection ?? {}) as Partial<Connection>)
  const overrides = Object.fromEntries(settings.map(([name, value]) => [name, value ?? undefined]))
  return outcomesOf(platform, { ...connection, ...overrides }, sample, {
    ...(file.$receivedAt !== undefined && { receivedAt: new Date(file.$receivedAt as string).getTime() }),
    ...(file.$facts !== undefined && { facts: file.$facts as unknown[] }),
    world: new Map(Object.entries((file.$world ?? {}) as Record<string, unknown>))
  })
}

function readJson(file: URL): unknown {
  return JSON.parse(readFileSync(file, 'utf8'))
}

function deepFrozen<T>(value: T): T {
  // Bytes cannot be frozen.
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  for (const member of Object.values(value)) deepFrozen(member)
  return Object.freeze(value)
}
