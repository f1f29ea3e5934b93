/** Counts what is in hand by name; whoever fills one share fills no other. */
export interface Admission {
  /** False where the share is full. */
  enter(name: string): boolean
  leave(name: string): void
}

/** @param limit requests by name that are being read or verified at once */
export function admissionOf(limit: number): Admission {
  const inHand = new Map<string, number>()
  return {
    enter(name) {
      const count = inHand.get(name) ?? 0
      if (count >= limit) return false
      inHand.set(name, count + 1)
      return true
    },
    leave(name) {
      const count = inHand.get(name) ?? 0
      if (count > 1) inHand.set(name, count - 1)
      else inHand.delete(name)
    }
  }
}
