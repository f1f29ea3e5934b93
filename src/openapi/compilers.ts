import validators from '@fastify/ajv-compiler'
import serializers from '@fastify/fast-json-stringify-compiler'
import type { FastifyInstance, FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify'
import { ajvCode } from '../model/ajv-code.ts'

type Validators = FastifySchemaCompiler<object>
type Serializers = FastifySerializerCompiler<object>

/** Fastify's own two, with its settings; none of our schemas refers to another by name. */
const compileValidator = validators()({}, { customOptions: { code: ajvCode } }) as unknown as Validators
const compileSerializer = serializers()({}, {}) as Serializers

/** Of a body that says what is to be done, nothing is passed over and nothing is taken for something else. */
const compileStrictly = validators()(
  {},
  { customOptions: { removeAdditional: false, coerceTypes: false, code: ajvCode } }
) as unknown as Validators

const serializersOf = new WeakMap<object, ReturnType<Serializers>>()

/**
 * Fastify compiles each schema of each route before it listens: a quarter of a second, for answers of which most are
 * never given. Here a schema is compiled when it is first needed, and once for all servers of a process, since schemas
 * are constants.
 */
export function compileWhenNeeded(app: FastifyInstance): void {
  app.setValidatorCompiler<object>(compilingWith(compileValidator))
  app.setSerializerCompiler<object>(route => answer => {
    const known = serializersOf.get(route.schema)
    if (known !== undefined) return known(answer)
    const compiled = compileSerializer(route)
    serializersOf.set(route.schema, compiled)
    return compiled(answer)
  })
}

/** For routes that take nothing in their bodies but what their schemas name. */
export const strictBodies: Validators = route =>
  compilingWith(route.httpPart === 'body' ? compileStrictly : compileValidator)(route)

function compilingWith(compile: Validators): Validators {
  return route => {
    const validate: ReturnType<Validators> = data => {
      // Ajv itself knows again what it has compiled.
      const compiled = compile(route)
      const fits = compiled(data)
      validate.errors = compiled.errors ?? null
      return fits
    }
    return validate
  }
}
