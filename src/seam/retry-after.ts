/**
 * The Retry-After header (RFC 9110, section 10.2.3): seconds, or an HTTP date.
 * @returns milliseconds from now, never negative; undefined where there is none or it cannot be read
 */
export function retryAfterMs(header: string | string[] | undefined, now: number): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim()
  if (!text) return undefined
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000)
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
