import type { BodyProblem } from '../model/body-problem.ts'

/** The `error` member of Seam's envelope for a body that breaks the contract. */
export function invalidInput(problems: BodyProblem[]) {
  const sentences = problems.map(({ path, message }) =>
    path.length === 0 ? `The body ${message}` : `${path.join('.')} ${message}`
  )
  return {
    type: 'invalid_input',
    message:
      sentences.length === 1
        ? String(sentences[0])
        : `${sentences.length} Input Errors: ${sentences.join(', ')}`,
    validation_errors: validationErrors(problems)
  }
}

/** zod's nested format: `_errors` at every level, lists keyed by position. */
export interface ValidationErrors {
  _errors: string[]
  [step: string]: ValidationErrors | string[]
}

export function validationErrors(problems: BodyProblem[]): ValidationErrors {
  const root = emptyLevel()
  for (const { path, message } of problems) {
    let level = root
    for (const step of path) {
      const next = level[step]
      // A field that is really called `_errors` has no place of its own in this format.
      if (Array.isArray(next)) break
      level = next ?? emptyLevel(level, step)
    }
    level._errors.push(message)
  }
  return root
}

function emptyLevel(parent?: ValidationErrors, step = ''): ValidationErrors {
  // No prototype: a step may be called `__proto__`.
  const level: ValidationErrors = Object.assign(Object.create(null), { _errors: [] })
  if (parent !== undefined) parent[step] = level
  return level
}
