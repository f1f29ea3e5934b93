import t from 'tap'
import { withComponents } from '../../src/openapi/components.ts'

const thing = { title: 'A good thing', type: 'object', properties: { title: { type: 'string' } } }

t.test(
  'a schema with a title is written once and referred to; what stands in an example is left alone',
  t => {
    const told = withComponents({
      components: { securitySchemes: { key: {} } },
      paths: {
        one: { schema: thing, example: { title: 'Bad Request' } },
        two: { schema: { type: 'array', items: thing }, required: [{ title: 'x' }] }
      }
    })
    const $ref = '#/components/schemas/AGoodThing'
    t.strictSame(told, {
      components: { securitySchemes: { key: {} }, schemas: { AGoodThing: thing } },
      paths: {
        one: { schema: { $ref }, example: { title: 'Bad Request' } },
        two: { schema: { type: 'array', items: { $ref } }, required: [{ title: 'x' }] }
      }
    })
    t.end()
  }
)

t.test('a schema within one with a title may have one too, and members may be called like keywords', t => {
  const inner = { title: 'Inner', type: 'string' }
  const outer = { title: 'Outer', properties: { example: inner, enum: { type: 'null' }, properties: inner } }
  const { components } = withComponents({ components: {}, paths: { a: outer } }) as { components: unknown }
  const $ref = '#/components/schemas/Inner'
  t.strictSame(components, {
    schemas: {
      Inner: inner,
      Outer: {
        title: 'Outer',
        properties: { example: { $ref }, enum: { type: 'null' }, properties: { $ref } }
      }
    }
  })
  t.end()
})

t.test('two schemas that differ may not have the same title', t => {
  const other = { ...thing, type: 'array' }
  t.throws(() => withComponents({ paths: { a: thing, b: other } }), /two schemas are called AGoodThing/)
  t.end()
})
