/** Times as people say them. The zone is the reader's; the instant itself stands beside it. */

const MINUTE_S = 60
const HOUR_S = 3600
const DAY_S = 86_400

/** `42 s`, `12 min`, `3 h`, `5 days` */
export function spell(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 90) return `${whole} s`
  if (whole < 90 * MINUTE_S) return `${Math.round(whole / MINUTE_S)} min`
  if (whole < 36 * HOUR_S) return `${Math.round(whole / HOUR_S)} h`
  return `${Math.round(whole / DAY_S)} days`
}

/** `12 min ago`, `in 3 h` @param then and now: ms since 1970 */
export function age(then: number, now: number): string {
  const seconds = (now - then) / 1000
  if (Math.abs(seconds) < 5) return 'just now'
  return seconds > 0 ? `${spell(seconds)} ago` : `in ${spell(-seconds)}`
}

/** `180 ms`, `1.4 s`, `2 min` */
export function lasted(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 90_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`
  return spell(ms / 1000)
}

export interface Zoned {
  timeZone?: string
}

/** `23:04:12` today, else `20 Jun 23:04`, with the year where it is another one. */
export function clockTime(then: number, now: number, { timeZone }: Zoned = {}): string {
  const zone = timeZone === undefined ? {} : { timeZone }
  const day = (at: number) => new Intl.DateTimeFormat('en-GB', { dateStyle: 'short', ...zone }).format(at)
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
  if (day(then) === day(now)) {
    return new Intl.DateTimeFormat('en-GB', { ...time, second: '2-digit', ...zone }).format(then)
  }
  const year = (at: number) => new Intl.DateTimeFormat('en-GB', { year: 'numeric', ...zone }).format(at)
  const date = new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    ...(year(then) !== year(now) && { year: 'numeric' }),
    ...zone
  }).format(then)
  return `${date} ${new Intl.DateTimeFormat('en-GB', { ...time, ...zone }).format(then)}`
}

/** `Sunday 20 June 2027`; releases of Intl differ in the comma. */
export function dayOf(then: number, { timeZone }: Zoned = {}): string {
  const said = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { ...options, ...(timeZone !== undefined && { timeZone }) }).format(then)
  return `${said({ weekday: 'long' })} ${said({ day: 'numeric', month: 'long', year: 'numeric' })}`
}

/** `12,408` */
export function count(number: number): string {
  return new Intl.NumberFormat('en-US').format(number)
}

/** `35 a second`, `3.1 a second` */
export function perSecond(rate: number): string {
  return `${rate >= 10 ? count(Math.round(rate)) : rate.toFixed(1)} a second`
}

/** `1 delivery`, `3 deliveries` */
export function some(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`
}

/** `99.4 %`, and never 100 where one failed. */
export function share(part: number, whole: number): string {
  if (whole === 0) return '–'
  const percent = (part / whole) * 100
  if (part === whole) return '100 %'
  return `${(Math.floor(percent * 10) / 10).toFixed(1)} %`
}
