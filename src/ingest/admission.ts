/** Counts what is in hand per connection; strangers can fill one connection's share and no other's. */
export interface Admission {
  /** False where the connection's share is full. */
  enter(connectionId: string): boolean
  leave(connectionId: string): void
}

/** @param limit requests per connection that are being read or verified at once */
export function admissionOf(limit: number): Admission {
  const inHand = new Map<string, number>()
  return {
    enter(connectionId) {
      const count = inHand.get(connectionId) ?? 0
      if (count >= limit) return false
      inHand.set(connectionId, count + 1)
      return true
    },
    leave(connectionId) {
      const count = inHand.get(connectionId) ?? 0
      if (count > 1) inHand.set(connectionId, count - 1)
      else inHand.delete(connectionId)
    }
  }
}
