import type { ContractProblem } from '../seam/contract.ts'

const BROKEN = 'must be Unicode text; it has half of a surrogate pair in it'

/**
 * Texts that no UTF-8 can hold: JSON may write half of a surrogate pair as an escape. On disk and on the way to Seam it
 * would turn into another character, and two keys into one.
 * @param body of which the contract allows the depth
 */
export function brokenTexts(body: unknown, path: string[] = []): ContractProblem[] {
  if (typeof body === 'string') return body.isWellFormed() ? [] : [{ path, message: BROKEN }]
  if (typeof body !== 'object' || body === null) return []
  return Object.entries(body).flatMap(([name, value]) =>
    name.isWellFormed()
      ? brokenTexts(value, [...path, name])
      : [{ path, message: 'must have names of Unicode text; one has half of a surrogate pair in it' }]
  )
}
