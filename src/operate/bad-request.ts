import { RelayError } from '../errors.ts'

/** What is wrong with what an operator sent, in words that quote nothing of it. */

/** Fastify would leave out what it does not know, and a filter that is misspelt would stand for everything. */
export function refuseUnknown(sent: object, known: string[]): void {
  const unknown = Object.keys(sent).find(name => !known.includes(name))
  if (unknown === undefined) return
  const taken = known.length === 0 ? 'none' : known.join(', ')
  throw badRequest(`${memberOf(unknown)}: is not known here; there are: ${taken}.`)
}

/** @param detail a sentence that says what to send, and quotes nothing of what was sent */
export function badRequest(detail: string): RelayError {
  return new RelayError('RELAY_BAD_REQUEST', detail, { statusCode: 400 })
}

export function membersOf(schema: unknown): string[] {
  return Object.keys((schema as { properties?: object } | undefined)?.properties ?? {})
}

function memberOf(name: string): string {
  return /^[\w-]{1,40}$/.test(name) ? name : 'a parameter'
}

export interface Invalid extends Error {
  /** The first is the only one. */
  validation: [{ instancePath: string; message?: string; params: Record<string, unknown> }]
}

/** What Fastify found wrong: the parameter and what it has to be; never what was sent. */
export function problemIn({ validation }: Invalid): string {
  const [{ params, instancePath, message }] = validation
  const { missingProperty, additionalProperty, allowedValues } = params
  const path = instancePath.split('/').slice(1)
  if (additionalProperty !== undefined) {
    return `${[...path, memberOf(String(additionalProperty))].join('.')}: is not known here.`
  }
  if (missingProperty !== undefined) return `${[...path, missingProperty].join('.')}: is missing.`
  const rule = Array.isArray(allowedValues) ? `must be one of ${allowedValues.join(', ')}` : message
  return `${path.join('.') || 'the body'}: ${rule}.`
}
