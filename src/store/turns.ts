/** What a connection's deliveries may claim for themselves where others wait: one every so many ms. */
const FAIR_MS = 5
/** Connections whose turn is past are forgotten beyond so many. */
const MOST_REMEMBERED = 10_000

/**
 * Gives deliveries their places among those that are due, as fair queueing does: one that comes alone has the place of its
 * time, and of many at once from one connection each stands a little behind the one before, so that deliveries of other
 * connections that come meanwhile go between them. Each process counts for itself: what two of them let through together
 * is still a bounded share.
 */
export function turnsOf() {
  const last = new Map<string, number>()
  return {
    /** @param now ms since 1970 @returns the place, on the same scale */
    next(connectionId: string, now: number): number {
      const before = last.get(connectionId)
      const turn = before === undefined ? now : Math.max(now, before + FAIR_MS)
      if (last.size >= MOST_REMEMBERED && !last.has(connectionId)) forgetPast(last, now)
      last.set(connectionId, turn)
      return turn
    }
  }
}

function forgetPast(last: Map<string, number>, now: number): void {
  for (const [connectionId, turn] of last) if (turn < now) last.delete(connectionId)
}
