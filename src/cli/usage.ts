import { RelayError } from '../errors.ts'

/**
 * A command was asked for what there is not; see `explain.ts` for the exit code.
 * @param problem says what can be done instead; behind the name of the command, where only one says so
 */
export function usage(problem: string): RelayError {
  return new RelayError('RELAY_BAD_REQUEST', problem)
}

/** Each name on a line of its own. */
export function listed(names: string[]): string {
  return names.map(name => `\n  ${name}`).join('')
}
