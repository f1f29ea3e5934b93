/** More seconds than this, 317 years, are no time to wait but a mistake. */
const MOST_DIGITS = 10

/**
 * The Retry-After header (RFC 9110, section 10.2.3): seconds, or an HTTP date in any of its three forms.
 * @returns milliseconds from now, never negative; undefined where there is none or it cannot be read
 */
export function retryAfterMs(header: string | string[] | undefined, now: number): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim()
  if (!text) return undefined
  const seconds = /^(\d+)(?:\.\d+)?$/.exec(text)
  if (seconds !== null) {
    return String(seconds[1]).length > MOST_DIGITS ? undefined : Math.ceil(Number(text) * 1000)
  }
  // Weekdays in words: anything else that Date.parse makes a date of is none. The form of asctime does not name its zone.
  if (!/^(?:mon|tue|wed|thu|fri|sat|sun)/i.test(text)) return undefined
  const date = Date.parse(/gmt$/i.test(text) ? text : `${text} GMT`)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
