/**
 * Deliveries of one connection that go together where others wait: what is taken in together costs its customer one
 * reading and one commit.
 */
const TOGETHER = 16
/** What a connection may claim for itself while others wait: so many deliveries every so many ms. */
const FAIR_MS = 5 * TOGETHER
/** Connections whose turn is past are forgotten beyond so many. */
const MOST_REMEMBERED = 10_000

interface Last {
  turn: number
  /** Deliveries that share it. */
  taken: number
}

/**
 * Gives deliveries their places among those that are due, as fair queueing does: one that comes alone has the place of its
 * time, and of many at once from one connection each handful stands a little behind the one before, so that deliveries of
 * other connections that come meanwhile go between them. Each process counts for itself: what two of them let through
 * together is still a bounded share.
 */
export function turnsOf() {
  const lasts = new Map<string, Last>()
  return {
    /** @param now ms since 1970 @returns the place, on the same scale */
    next(connectionId: string, now: number): number {
      const last = lasts.get(connectionId)
      if (last === undefined) return remember(connectionId, now, now).turn
      if (now > last.turn) return Object.assign(last, { turn: now, taken: 1 }).turn
      if (last.taken === TOGETHER) return Object.assign(last, { turn: last.turn + FAIR_MS, taken: 1 }).turn
      last.taken += 1
      return last.turn
    }
  }

  function remember(connectionId: string, turn: number, now: number): Last {
    if (lasts.size >= MOST_REMEMBERED) for (const [id, last] of lasts) if (last.turn < now) lasts.delete(id)
    const first = { turn, taken: 1 }
    lasts.set(connectionId, first)
    return first
  }
}
