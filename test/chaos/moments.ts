/** Lets somebody wait for the n-th event of a kind among those that happen from now on. */
export interface Moments<Kind extends string, Who> {
  /** @returns to whom it happened */
  next(kind: Kind, nth: number): Promise<Who>
  happened(kind: Kind, who: Who): void
}

export function momentsOf<Kind extends string, Who>(): Moments<Kind, Who> {
  let waiting: { kind: Kind; left: number; resolve(who: Who): void } | undefined
  return {
    next: (kind, nth) =>
      new Promise(resolve => {
        waiting = { kind, left: nth, resolve }
      }),
    happened(kind, who) {
      if (waiting?.kind !== kind) return
      waiting.left -= 1
      if (waiting.left > 0) return
      waiting.resolve(who)
      waiting = undefined
    }
  }
}
