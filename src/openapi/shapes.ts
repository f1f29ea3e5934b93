import { type TProperties, Type } from '@sinclair/typebox'

/**
 * An object in which nothing unknown is allowed. Its title is the name under which it stands in the OpenAPI document, so
 * no two schemas that differ may share one.
 */
export function closed<P extends TProperties>(title: string, description: string, properties: P) {
  return Type.Object(properties, { title, description, additionalProperties: false })
}

/** One of some words. */
export function oneOf<const T extends string>(values: readonly T[], description: string) {
  return Type.Unsafe<T>({ type: 'string', enum: values, description })
}
