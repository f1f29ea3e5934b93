import fc from 'fast-check'
import type { Test } from 'tap'
import { RelayError } from '../../src/errors.ts'
import type { Connection } from '../../src/model/connection.ts'
import { type Platform, translateEvent } from '../../src/platforms/platform.ts'
import type { SampleDelivery } from '../../src/platforms/samples.ts'
import { corruptions } from './change-schema.ts'
import { defaultReceivedAt, deliveryOf, factsOf, incomingOf } from './outcome.ts'

const now = defaultReceivedAt

export async function checkBrokenBodies(
  t: Test,
  platform: Platform,
  connection: Connection,
  sample: SampleDelivery,
  numRuns = 150
): Promise<unknown> {
  const signed = platform.verification.sign(Buffer.from(sample.body), connection.secrets, {
    now,
    id: 'msg_1'
  })
  const intact = incomingOf(connection, sample, signed)
  const world = new Map(Object.entries(sample.world ?? {}))
  const run = await fc.check(
    fc.asyncProperty(mutated(sample.body), async body => {
      const incoming = { ...intact, body }
      const { ok } = await platform.verification.verify(incoming, connection.secrets)
      if (ok && platform.verification.evidence.length > 0 && !Buffer.from(body).equals(intact.body)) {
        throw new Error('a changed body verified')
      }
      platform.deliveryId?.(incoming)
      platform.isOwn?.(incoming, connection)
      const delivery = { ...deliveryOf(connection, sample, now), body }
      await relayErrorsOnly(async () => {
        const events = await platform.readEvents(delivery)
        for (const event of events) {
          await relayErrorsOnly(async () => {
            const [facts] = await factsOf(platform, connection, [event], world)
            const found = corruptions(translateEvent(platform, { event, facts, delivery, connection }))
            if (found.length > 0) throw new Error(found.join('; '))
          })
        }
      })
    }),
    { numRuns }
  )
  if (!run.failed) return t.pass(`${sample.event}: only RelayErrors are thrown`)
  const [broken] = run.counterexample ?? []
  t.fail(`${sample.event}: ${String(run.errorInstance)}`, {
    body: Buffer.from(broken ?? '').toString(),
    seed: run.seed,
    stack: run.errorInstance instanceof Error ? run.errorInstance.stack : undefined
  })
}

async function relayErrorsOnly(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof RelayError)) throw error
    if (/@|\+\d{8}/.test(error.message)) throw new Error('an error message quotes a person', { cause: error })
  }
}

/** Ways in which a body arrives broken: cut off, bytes exchanged, a member of another type or gone. */
function mutated(body: string): fc.Arbitrary<Uint8Array> {
  const bytes = Buffer.from(body)
  const position = fc.nat({ max: Math.max(bytes.length - 1, 0) })
  const cut = position.map(end => bytes.subarray(0, end))
  const exchanged = fc.tuple(position, fc.nat({ max: 255 })).map(([at, byte]) => {
    const copy = Buffer.from(bytes)
    copy[at] = byte
    return copy
  })
  const parsed = parseOrUndefined(body)
  if (typeof parsed !== 'object' || parsed === null) return fc.oneof(cut, exchanged)
  const edit = fc.tuple(fc.nat(), fc.option(strange, { nil: undefined }))
  const edited = fc.array(edit, { minLength: 1, maxLength: 3 }).map(edits => {
    const copy: unknown = structuredClone(parsed)
    // A copy of each value: a later edit may reach into it, and fast-check hands out the same object again.
    for (const [choice, value] of edits) editMember(copy, choice, structuredClone(value))
    return Buffer.from(JSON.stringify(copy))
  })
  return fc.oneof(
    { weight: 1, arbitrary: cut },
    { weight: 1, arbitrary: exchanged },
    { weight: 6, arbitrary: edited }
  )
}

const strange = fc.oneof(
  fc.constantFrom(
    null,
    '',
    ' ',
    0,
    -1,
    1e308,
    true,
    'NaN',
    '__proto__',
    '2026-13-45',
    '2026-01-01T00:00:00Z'
  ),
  fc.constantFrom([], {}, [null], [[]], { id: null }),
  fc.jsonValue()
)

/** Replaces one member somewhere in the tree, or removes it where the value is undefined. */
function editMember(root: unknown, choice: number, value: unknown): void {
  const places = members(root)
  const place = places[choice % Math.max(places.length, 1)]
  if (place === undefined) return
  const [parent, key] = place
  if (value === undefined) delete parent[key]
  else Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true })
}

function members(value: unknown): [Record<string, unknown>, string][] {
  if (typeof value !== 'object' || value === null) return []
  const parent = value as Record<string, unknown>
  return Object.keys(parent).flatMap(key => [
    [parent, key] as [Record<string, unknown>, string],
    ...members(parent[key])
  ])
}

function parseOrUndefined(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
