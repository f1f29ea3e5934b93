import { firstText } from '../fields.ts'
import { told } from '../told.ts'

/** The first candidate that can be an id, as text: messages write the same id as a number here and as a text there. 0 is none. */
export function idOf(...candidates: unknown[]): string | undefined {
  return candidates
    .map(each => told(each))
    .find((text): text is string => typeof text === 'string' && /^(?!0+$)[\w-]{1,64}$/.test(text))
}

/** The clock of the API, `YYYY-MM-DD HH:MM:SS`; taken for UTC, which is not documented. */
export function clockMs(value: unknown): number | undefined {
  const [, day, time] =
    /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)Z?$/.exec(firstText(value) ?? '') ?? []
  const ms = Date.parse(`${day}T${time}Z`)
  return Number.isNaN(ms) ? undefined : ms
}
