/** Longer than this nobody is kept waiting. */
const MOST_WAIT_S = 60

/**
 * Seconds that a Prefer header asks to wait, cut to {@link MOST_WAIT_S}; undefined where it asks for none. What cannot be
 * read is passed over, as RFC 7240 has it; of several the first counts.
 */
export function secondsToWait(prefer: string | undefined): number | undefined {
  if (prefer === undefined) return undefined
  for (const preference of prefer.split(',')) {
    const [, bare, quoted] = /^\s*wait\s*=\s*(?:(\d+)|"(\d+)")\s*(?:;|$)/i.exec(preference) ?? []
    const seconds = bare ?? quoted
    if (seconds !== undefined) return Math.min(Number(seconds), MOST_WAIT_S)
  }
  return undefined
}
