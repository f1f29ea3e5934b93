import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import t from 'tap'
import { schemas, standardEventSchema } from '../../../src/platforms/standard/events.ts'
import { readStandardEvent } from '../../../src/platforms/standard/read.ts'
import { validEvent } from './arbitrary.ts'

const ajv = new Ajv({ strict: true, allowUnionTypes: true })
addFormats.default(ajv)
const fits = ajv.compile(JSON.parse(JSON.stringify(standardEventSchema)))
const page = readFileSync(new URL('../../../docs/standard-events.md', import.meta.url), 'utf8')

t.test('the schema works as plain JSON Schema and takes every valid event', async t => {
  fc.assert(fc.property(validEvent, event => fits(event)))
  t.ok(
    fits({ type: 'guest.updated', timestamp: 1777714200000, data: { id: 1, updated_at: '' } }),
    'or nothing'
  )
  t.notOk(fits({ type: 'guest.updated', timestamp: '2026-05-02', data: { id: 1 } }), 'formats are checked')
  t.notOk(fits({ type: 'guest.updated', timestamp: 1777714200000, data: { id: 1, extra: 1 } }), 'members too')
})

t.test('every example of the page is accepted, and every event has one', async t => {
  const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = '']) => JSON.parse(text))
  for (const example of examples) {
    t.strictSame(readStandardEvent(example), example, example.type)
    t.ok(fits(example))
  }
  const shown = new Set(examples.map(example => example.type))
  t.strictSame(shown, new Set(Object.keys(schemas)))
})

t.test('the page names every member of every event', async t => {
  for (const name of membersOf(standardEventSchema)) t.match(page, `\`${name}\``, name)
})

function membersOf(schema: unknown): Set<string> {
  if (typeof schema !== 'object' || schema === null) return new Set()
  const own = 'properties' in schema ? Object.keys(schema.properties as object) : []
  return new Set([...own, ...Object.values(schema).flatMap(inner => [...membersOf(inner)])])
}
