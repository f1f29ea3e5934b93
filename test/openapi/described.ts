import { readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { parse } from 'yaml'

/** The service as openapi/relay.yaml describes it, for tests that hold the relay to its word. */

export type Schema = Record<string, unknown>

export interface Media {
  schema: Schema
  examples?: Record<string, { value: unknown }>
  example?: unknown
}

export interface Answer {
  description: string
  headers?: Record<string, { schema: Schema }>
  content?: Record<string, Media>
}

export interface Parameter {
  in: 'path' | 'query' | 'header'
  name: string
  required: boolean
  schema: Schema
  example?: unknown
}

export interface Operation {
  path: string
  method: string
  operationId: string
  summary: string
  description: string
  tags: string[]
  security: object[]
  parameters: Parameter[]
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, Answer>
}

export const document = parse(readFileSync('openapi/relay.yaml', 'utf8'))

export const operations: Operation[] = Object.entries<Record<string, Omit<Operation, 'path' | 'method'>>>(
  document.paths
).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    ...operation,
    parameters: operation.parameters ?? [],
    path,
    method: method.toUpperCase()
  }))
)

const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false })
formats.default(ajv)
ajv.addKeyword({ keyword: 'components' })
ajv.addSchema({ $id: 'relay', components: document.components })

const compiled = new Map<unknown, ValidateFunction>()

/** @returns what is wrong with a value by a schema of the document; undefined where it is right */
export function mistakes(schema: Schema, value: unknown): string | undefined {
  const fits = compiled.get(schema) ?? ajv.compile(resolvable(schema) as Schema)
  compiled.set(schema, fits)
  return fits(value) ? undefined : ajv.errorsText(fits.errors)
}

/** References as they stand, from the outside. */
function resolvable(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema), (name, value) =>
    name === '$ref' && typeof value === 'string' ? `relay${value}` : value
  )
}

/** A schema without references at its top. */
export function resolved(schema: Schema): Schema {
  const name = typeof schema.$ref === 'string' ? schema.$ref.split('/').at(-1) : undefined
  return name === undefined ? schema : document.components.schemas[name]
}
