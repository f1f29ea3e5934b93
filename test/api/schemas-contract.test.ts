import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { DeleteData, DeleteDataQuery } from '../../src/api/schemas/delete-data.ts'
import { PushData } from '../../src/api/schemas/push-data.ts'
import { kindNames, kinds } from '../../src/model/kind.ts'

/**
 * Our schemas of Seam's calls against openapi/seam, field by field and both ways. Both sides are brought into one plain
 * form first, since OpenAPI 3.0 writes null, choices and bounds in its own way. Words are ours, and that nothing unknown
 * is allowed is said by us alone.
 */

interface Schema {
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  additionalProperties?: Schema | boolean
  patternProperties?: Record<string, Schema>
  oneOf?: Schema[]
  anyOf?: Schema[]
  nullable?: boolean
  minimum?: number
  exclusiveMinimum?: boolean | number
  [keyword: string]: unknown
}

const isWords = (keyword: string) => /^(?:title|description|x-.*)$/.test(keyword)

/** What is said of a value itself; a keyword that is not known here stays, and makes a difference unless both say it. */
function said(schema: Schema): string[] {
  const { oneOf, anyOf, nullable, minimum, exclusiveMinimum, ...rest } = schema
  const { properties, required, items, additionalProperties, patternProperties, ...own } = rest
  const above = exclusiveMinimum === true ? minimum : exclusiveMinimum
  const least = exclusiveMinimum === true ? undefined : minimum
  const facts = Object.entries({ ...own, above, least })
    .filter(([keyword, fact]) => !isWords(keyword) && fact !== undefined)
    .map(([keyword, fact]) => `${keyword} ${fact}`)
    .sort((one, other) => one.localeCompare(other))
    .join(', ')
  const choices = (oneOf ?? anyOf)?.flatMap(said).map(choice => `${facts}${choice}`) ?? [facts]
  return (nullable === true ? [...choices, 'type null'] : choices).sort((one, other) =>
    one.localeCompare(other)
  )
}

/** Every place in the schema → what may stand there. `[]` is an entry of a list, `{}` a value by any name, `!` demanded. */
function places(schema: Schema, place = 'body'): Map<string, string> {
  const { properties = {}, required = [], items, additionalProperties, patternProperties } = schema
  const found = new Map([[place, said(schema).join(' or ')]])
  const within: [string, Schema | undefined][] = [
    ...Object.entries(properties).map(([name, member]): [string, Schema] => [
      `.${name}${required.includes(name) ? '!' : ''}`,
      member
    ]),
    ['[]', items],
    ['{}', typeof additionalProperties === 'object' ? additionalProperties : patternProperties?.['^(.*)$']]
  ]
  for (const [step, inner] of within) {
    if (inner === undefined) continue
    for (const [path, facts] of places(inner, `${place}${step}`)) found.set(path, facts)
  }
  return found
}

/** One line for each place at which the two say different things. */
function differences(ours: Schema, theirs: Schema): string[] {
  const [here, there] = [places(ours), places(theirs)]
  return [...new Set([...here.keys(), ...there.keys()])]
    .filter(place => here.get(place) !== there.get(place))
    .map(place => `${place}: ${here.get(place) ?? 'nothing'} instead of ${there.get(place) ?? 'nothing'}`)
}

function published(operation: string): Schema {
  const { paths } = parse(readFileSync(`openapi/seam/${operation}.yaml`, 'utf8'))
  return paths[`/customers/${operation}`].post.requestBody.content['application/json'].schema
}

const asWritten = (schema: unknown): Schema => JSON.parse(JSON.stringify(schema))

const pairs: [string, Schema, Schema][] = [
  ['push_data', asWritten(PushData), published('push_data')],
  ['delete_data', asWritten(DeleteData), published('delete_data')]
]

for (const [operation, ours, theirs] of pairs) {
  t.test(`our ${operation} takes what Seam documents, in every list and field, and nothing else`, async t => {
    t.strictSame(differences(ours, theirs), [])
    const open = objectsOf(ours).filter(
      each => each.additionalProperties !== false && each.patternProperties === undefined
    )
    t.strictSame(open, [], 'nothing unknown at any level')
  })

  t.test(`every place of ${operation} is described in words of our own`, async t => {
    const theirWords = new Set(descriptions(theirs))
    const ourWords = descriptions(ours)
    t.strictSame(
      ourWords.filter(each => theirWords.has(each)),
      []
    )
    for (const each of objectsOf(ours)) {
      for (const [name, member] of Object.entries(each.properties ?? {})) {
        t.ok(member.description, `${each.title}.${name}`)
      }
    }
  })

  t.test(`whatever changes in either schema of ${operation} makes a difference`, async t => {
    const changes = everyChange(ours)
    t.ok(changes.length > 40, `${changes.length} changes were tried`)
    for (const [what, changed] of changes) {
      t.not(differences(changed, theirs).length, 0, `ours: ${what}`)
    }
    for (const [what, changed] of everyChange(theirs)) {
      t.not(differences(ours, changed).length, 0, `theirs: ${what}`)
    }
  })
}

t.test('push_data has a list for each kind, and delete_data one for each that can be deleted', async t => {
  const lists = kindNames.map(kind => kinds[kind].list)
  t.strictSame(new Set(Object.keys(PushData.properties)), new Set(['customer_key', ...lists]))
  t.equal(lists.length, 19)
  const deleted = kindNames.flatMap(kind => kinds[kind].deleteList ?? [])
  t.strictSame(new Set(Object.keys(DeleteData.properties)), new Set(['customer_keys', ...deleted]))
  t.equal(Object.keys(DeleteData.properties).length, 19)
  for (const kind of kindNames) {
    const { list, keyField } = kinds[kind]
    const entry = asWritten(PushData).properties?.[list]?.items
    t.ok(entry?.required?.includes(keyField), `an entry of ${list} has its ${keyField}`)
  }
})

t.test('the query of DELETE has the same lists as the body of POST, and the SDK’s own mark', async t => {
  const { _strict, ...lists } = asWritten(DeleteDataQuery).properties ?? {}
  t.strictSame(lists, asWritten(DeleteData).properties)
  t.match(_strict, { type: 'string' })
})

/** Copies of a schema, each with one thing changed at one place: a member gone, added, demanded or not, a rule gone or other. */
function everyChange(schema: Schema): [string, Schema][] {
  const changes: [string, Schema][] = []
  objectsAndValues(schema).forEach((_each, position) => {
    const altered = (what: string, alter: (each: Schema) => void) => {
      const copy = structuredClone(schema)
      const target = objectsAndValues(copy)[position] as Schema
      alter(target)
      if (JSON.stringify(copy) !== JSON.stringify(schema))
        changes.push([`${what} at place ${position}`, copy])
    }
    altered('a member more', each => {
      if (each.properties !== undefined) each.properties.more = { type: 'string' }
    })
    altered('the first member less', each => {
      delete each.properties?.[Object.keys(each.properties)[0] ?? '']
    })
    altered('the last member demanded or no longer', each => {
      const name = Object.keys(each.properties ?? {}).at(-1)
      if (name === undefined) return
      const { required = [] } = each
      each.required = required.includes(name) ? required.filter(other => other !== name) : [...required, name]
    })
    altered('another type', each => {
      if (each.type !== undefined) each.type = each.type === 'boolean' ? 'integer' : 'boolean'
    })
    for (const rule of ['minLength', 'maxLength', 'format', 'pattern', 'exclusiveMinimum', 'nullable']) {
      altered(`${rule} gone`, each => {
        delete each[rule]
      })
    }
    altered('a rule more', each => {
      each.maxLength = 7
    })
    altered('null allowed', each => {
      if (each.oneOf === undefined && each.anyOf === undefined) each.nullable = each.nullable !== true
    })
    altered('a choice less', each => {
      each.oneOf?.pop()
      each.anyOf?.pop()
    })
  })
  return changes
}

/** The schema and every one within it; choices are part of the value that they are choices of. */
function objectsAndValues(schema: Schema): Schema[] {
  const { properties = {}, items, additionalProperties, patternProperties = {} } = schema
  const within = [
    ...Object.values(properties),
    ...Object.values(patternProperties),
    ...(items === undefined ? [] : [items]),
    ...(typeof additionalProperties === 'object' ? [additionalProperties] : [])
  ]
  return [schema, ...within.flatMap(objectsAndValues)]
}

function objectsOf(schema: Schema): Schema[] {
  return objectsAndValues(schema).filter(each => each.type === 'object')
}

function descriptions(schema: Schema): string[] {
  return objectsAndValues(schema).flatMap(({ description }) =>
    typeof description === 'string' ? [description.replace(/\s+/g, ' ').trim()] : []
  )
}
