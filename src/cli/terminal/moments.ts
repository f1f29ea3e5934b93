import { Temporal } from 'temporal-polyfill'

/** Times as people on call read them: on their own clock, and how long ago. */
export interface Moments {
  /** ms since 1970 */
  now: number
  /** The zone that times are in. */
  zone: string
  /** `2027-01-10 13:00:00` */
  local(instant: string): string
  /** The same, with how far the zone is from UTC. */
  full(instant: string): string
  /** `3 min`; of what lies ahead, how long until then. */
  age(instant: string): string
}

export function momentsAt(now: number, zone: string = Temporal.Now.timeZoneId()): Moments {
  const inZone = (instant: string) => Temporal.Instant.from(instant).toZonedDateTimeISO(zone)
  const local = (instant: string) =>
    inZone(instant).toPlainDateTime().toString({ fractionalSecondDigits: 0 }).replace('T', ' ')
  return {
    now,
    zone,
    local,
    full: instant => `${local(instant)}${inZone(instant).offset}`,
    age: instant => spanOf(Math.abs(now - Date.parse(instant)) / 1000)
  }
}

/** `2027-01-10 13:00:00+01:00, 3 min ago` */
export function momentText(instant: string, moments: Moments): string {
  const age = moments.age(instant)
  return `${moments.full(instant)}, ${Date.parse(instant) > moments.now ? `in ${age}` : `${age} ago`}`
}

const MINUTE_S = 60
const HOUR_S = 3600
const DAY_S = 86_400

/** `12 s`, `3 min`, `5 h`, `2 d`: as exactly as anybody needs it. */
export function spanOf(seconds: number): string {
  if (seconds < MINUTE_S) return `${Math.round(seconds)} s`
  if (seconds < HOUR_S) return `${Math.floor(seconds / MINUTE_S)} min`
  if (seconds < 2 * DAY_S) return `${Math.floor(seconds / HOUR_S)} h`
  return `${Math.floor(seconds / DAY_S)} d`
}

/** `180 ms`, `2.4 s`, `3 min` */
export function durationOf(ms: number | null): string {
  if (ms === null) return '–'
  if (ms < 1000) return `${ms} ms`
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : spanOf(ms / 1000)
}

/** `1,204` */
export function counted(count: number): string {
  return count.toLocaleString('en')
}

/** `1 delivery`, `1,204 deliveries` */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${counted(count)} ${count === 1 ? one : many}`
}
