import { age, clockTime } from '../ages.ts'
import { now } from '../clock.ts'

interface TimeProps {
  at: string
  /** Both: the time, and how long ago. */
  as?: 'age' | 'clock' | 'both'
}

/** An instant in the reader's zone; in UTC for whoever points at it, and for programs. */
export function Time({ at, as = 'both' }: TimeProps) {
  const then = Date.parse(at)
  const clock = clockTime(then, now.value)
  const old = age(then, now.value)
  return (
    <time dateTime={at} title={`${clock} · ${at.replace('T', ' ').replace('Z', ' UTC')}`}>
      {as === 'age' ? old : clock}
      {as === 'both' && <span class="quiet"> · {old}</span>}
    </time>
  )
}
