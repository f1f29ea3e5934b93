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
      serializers: { err: describeError }
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
  if (error instanceof RelayError) described.message = error.message
  if (error.cause instanceof Error) described.cause = describeError(error.cause) as DescribedError
  return described
}

/** The lines of a stack that name places; the first line, and any further line of the message, quote it. */
function placesOf(error: Error): string[] {
  return (error.stack ?? '')
    .split('\n')
    .filter(line => /^\s+at .*:\d+:\d+\)?$/.test(line))
    .map(line => line.trim())
    .slice(0, 8)
}
