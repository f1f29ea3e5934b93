/**
 * Deliveries of one connection that go together where others wait: what is taken in together costs its customer one
 * reading and one commit.
 */
const TOGETHER = 16
/** What a connection may claim for itself while others wait: a handful every so many ms, and so 100 deliveries a second. */
const FAIR_MS = 10 * TOGETHER
/** Connections whose turn is past are forgotten beyond so many. */
const MOST_REMEMBERED = 10_000

/** A connection's last handful. */
interface Last {
  /** Where it begins. */
  turn: number
  /** Deliveries in it. */
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
      if (last === undefined) return remember(connectionId, now)
      if (isOver(last, now)) return begin(last, now)
      // Not by the time of its own: else a stream that is faster than its share would never be behind.
      if (last.taken === TOGETHER) return begin(last, last.turn + FAIR_MS)
      last.taken += 1
      return Math.max(last.turn, now)
    }
  }

  function remember(connectionId: string, now: number): number {
    if (lasts.size >= MOST_REMEMBERED) for (const [id, last] of lasts) if (isOver(last, now)) lasts.delete(id)
    lasts.set(connectionId, { turn: now, taken: 1 })
    return now
  }
}

function isOver({ turn }: Last, now: number): boolean {
  return now >= turn + FAIR_MS
}

function begin(last: Last, turn: number): number {
  Object.assign(last, { turn, taken: 1 })
  return turn
}
