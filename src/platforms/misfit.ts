import type { TSchema } from '@sinclair/typebox'
import { Value, type ValueError, ValueErrorType } from '@sinclair/typebox/value'

/**
 * Where a value first differs from its schema, and what was expected there; undefined where it fits. It never quotes the value.
 * @param whole what the value is called, where nothing inside it is wrong
 */
export function misfit(schema: TSchema, value: unknown, whole: string): string | undefined {
  if (Value.Check(schema, value)) return undefined
  const { path, message } = innermost(Value.Errors(schema, value).First() as ValueError)
  return `${path || whole}: ${message}`
}

/** Of several that may stand somewhere, the one that the value comes nearest to; else all of them. */
function innermost({ type, path, message, errors }: ValueError): { path: string; message: string } {
  if (type !== ValueErrorType.Union) return { path, message }
  const variants = errors.map(variant => innermost(variant.First() as ValueError))
  const inside = variants.find(variant => variant.path.length > path.length)
  if (inside !== undefined) return inside
  const expected = variants.map(variant => variant.message.replace(/^Expected /, ''))
  return { path, message: `Expected ${[...new Set(expected)].join(' or ')}` }
}
