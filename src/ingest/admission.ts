/** Counts what is in hand by name; whoever fills one share fills no other. */
export interface Admission {
  /** False where the share is full. */
  enter(name: string): boolean
  /** One more, though the share be full. */
  add(name: string): void
  leave(name: string): void
}

/** Names of which nothing is in hand are kept up to so many: to take out the last one makes the list anew each time. */
const MOST_IDLE = 1_000

/** @param limit requests by name that are being read or verified at once */
export function admissionOf(limit: number): Admission {
  const inHand = new Map<string, number>()
  const countOf = (name: string) => inHand.get(name) ?? 0
  const add = (name: string) => void inHand.set(name, countOf(name) + 1)
  return {
    enter(name) {
      if (countOf(name) >= limit) return false
      add(name)
      return true
    },
    add,
    leave(name) {
      const count = Math.max(countOf(name) - 1, 0)
      if (count > 0 || inHand.size <= MOST_IDLE) inHand.set(name, count)
      else inHand.delete(name)
    }
  }
}
