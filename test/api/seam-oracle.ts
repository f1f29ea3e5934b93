import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import type { Test } from 'tap'
import { request } from 'undici'
import { parse } from 'yaml'
import type { CallRecord } from '../../src/sandbox/call-log.ts'

/**
 * A second opinion on what reaches Seam, straight from openapi/seam and by no code of the relay or of its sandbox: each
 * call that the sandbox logged is held against the published schema, with nothing allowed that is not in it.
 */

const ajv = new Ajv({ strict: false, allErrors: true })
formats.default(ajv)

const validators: Record<string, ValidateFunction> = {
  push_data: published('push_data'),
  delete_data: published('delete_data')
}

function published(operation: string): ValidateFunction {
  const { paths } = parse(readFileSync(`openapi/seam/${operation}.yaml`, 'utf8'))
  const { schema } = paths[`/customers/${operation}`].post.requestBody.content['application/json']
  return ajv.compile(JSON.parse(JSON.stringify(schema), (_name, value) => asJsonSchema(value)))
}

/** OpenAPI 3.0 → JSON Schema, closed where it names its members. */
function asJsonSchema(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const { exclusiveMinimum, minimum, nullable, ...schema } = value as Record<string, unknown>
  return {
    ...schema,
    ...(minimum !== undefined && { [exclusiveMinimum === true ? 'exclusiveMinimum' : 'minimum']: minimum }),
    ...(nullable !== undefined &&
      (schema.oneOf === undefined
        ? { type: [schema.type, 'null'] }
        : { oneOf: [...(schema.oneOf as unknown[]), { type: 'null' }] })),
    ...(schema.type === 'object' && schema.properties !== undefined && { additionalProperties: false })
  }
}

/** What is wrong with a body by Seam's documents; undefined where nothing is. */
export function mistakesForSeam(operation: string, body: unknown): string | undefined {
  const fits = validators[operation]
  if (fits === undefined) return `there is no ${operation}`
  return fits(body) ? undefined : ajv.errorsText(fits.errors)
}

/** Every call that the relay has made so far is one that Seam's documents allow. @returns the calls */
export async function onlyValidCalls(t: Test, { origin }: { origin: string }): Promise<CallRecord[]> {
  const reply = await request(`${origin}/sandbox/calls`)
  const { calls } = (await reply.body.json()) as { calls: CallRecord[] }
  for (const { operation, body } of calls) t.equal(mistakesForSeam(operation, body), undefined, operation)
  return calls
}
