import type { DescriptionProblem } from '../platform.ts'
import { type Description, type Place, schemes, type VerificationEntry } from './description.ts'
import { lineAt, mistakeIn, withoutWords } from './expression.ts'
import { placesOf } from './location.ts'
import { uses } from './template.ts'
import { membersOf } from './verification.ts'

/** What is wrong with a description that fits its schema. @param description without the members that do not fit */
export function* problemsIn(description: Partial<Description>): Generator<DescriptionProblem> {
  const { verification, events = {} } = description
  if (verification !== undefined) yield* verificationProblems(verification)
  yield* eventProblems(description)
  for (const [type, expression] of Object.entries(events)) {
    const mistake = mistakeIn(expression)
    if (mistake === undefined) continue
    const { message, offset } = mistake
    yield {
      path: ['events', type],
      message: `${message}; in: ${lineAt(expression, offset)}`,
      offset,
      bare: withoutWords(message)
    }
  }
}

function* verificationProblems(entry: VerificationEntry): Generator<DescriptionProblem> {
  const { scheme, signed = '{body}', timestamp, tolerance_seconds, id, url } = entry
  const { may, must } = membersOf[scheme]
  for (const name of must) {
    if (entry[name] === undefined)
      yield { path: ['verification', name], message: `is missing; ${scheme} needs it` }
  }
  const given = Object.keys(entry) as (keyof VerificationEntry)[]
  for (const name of given) {
    if (name === 'scheme' || may.includes(name) || must.includes(name)) continue
    const others = schemes.filter(each => [...membersOf[each].may, ...membersOf[each].must].includes(name))
    yield {
      path: ['verification', name],
      message: `has no effect with ${scheme}; it belongs to ${others.join(', ')}`
    }
  }
  if (scheme !== 'hmac') return
  for (const [name, member] of [
    ['timestamp', timestamp],
    ['id', id],
    ['url', url]
  ] as const) {
    if (uses(signed, name) && member === undefined)
      yield { path: ['verification', name], message: `is missing; signed holds {${name}}` }
    if (!uses(signed, name) && member !== undefined)
      yield { path: ['verification', name], message: `proves nothing, as signed does not hold {${name}}` }
  }
  if (tolerance_seconds !== undefined && timestamp === undefined)
    yield { path: ['verification', 'tolerance_seconds'], message: 'has no effect without timestamp' }
}

function* eventProblems({
  event = {},
  events = {},
  ignored = {},
  verification
}: Partial<Description>): Generator<DescriptionProblem> {
  const types = Object.keys(events)
  if (types.length === 0)
    yield { path: ['events'], message: 'is empty; give one event with its expression at least' }
  if (event.type === undefined && types.length > 1) {
    yield {
      path: ['event', 'type'],
      message: 'is missing; several events can only be distinguished by their names'
    }
  }
  for (const type of Object.keys(ignored)) {
    if (types.includes(type))
      yield { path: ['ignored', type], message: 'has an expression too; keep one of the two' }
  }
  const credential = verification?.scheme === 'header' ? verification.header?.toLowerCase() : 'authorization'
  const { type, id, time } = event
  const listed = Array.isArray(type)
  const places: [(string | number)[], Place | undefined][] = [
    ...placesOf(type).map((place, index): [(string | number)[], Place] => [
      listed ? ['type', index] : ['type'],
      place
    ]),
    [['id'], id],
    [['time'], time]
  ]
  for (const [path, place] of places) {
    const header = place?.header?.toLowerCase()
    if (header !== undefined && (header === credential || header === 'authorization' || header === 'cookie'))
      yield { path: ['event', ...path], message: 'is a header that holds a secret, which is not kept' }
    if (place?.query !== undefined && place.query === verification?.query)
      yield { path: ['event', ...path], message: 'is the parameter that holds the token, which is not kept' }
  }
}
