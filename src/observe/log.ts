import { type DestinationStream, type Logger, pino } from 'pino'
import { RelayError } from '../errors.ts'

/**
 * The relay's log: one JSON line per outcome, named as an event. Bodies, guests, secrets and addresses with tokens are
 * never fields. Of errors that are not our own only the name, the code and the stack's places are told: their messages
 * may quote what somebody sent.
 */
export function createLog(level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: 'message',
      serializers: { err: describeError },
      // Left to itself, pino makes the message of the error under this key the line's own.
      errorKey: 'thrown',
      hooks: {
        logMethod([first, ...rest], method) {
          method.apply(this, [first instanceof Error ? { err: first } : first, ...rest])
        }
      }
    },
    destination
  )
}

interface DescribedError {
  name: string
  code: string | undefined
  message?: string
  at: string[]
  cause?: DescribedError
}

export function describeError(error: unknown): DescribedError | { name: string } {
  if (!(error instanceof Error)) return { name: typeof error }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const described: DescribedError = { name: error.name, code, at: placesOf(error) }
  // Only its own words: a class derived from it may carry those of somebody else, as Seam's do.
  if (error instanceof RelayError && error.name === 'RelayError') described.message = error.message
  if (error.cause instanceof Error) described.cause = describeError(error.cause) as DescribedError
  return described
}

/** The lines of a stack that name places. Before them stands the message, whose lines may look like places too. */
function placesOf(error: Error): string[] {
  const { stack = '', message } = error
  const messageAt = stack.indexOf(message)
  if (messageAt < 0) return []
  return stack
    .slice(messageAt + message.length)
    .split('\n')
    .filter(line => /^\s+at .*:\d+:\d+\)?$/.test(line))
    .map(line => line.trim())
    .slice(0, 8)
}
