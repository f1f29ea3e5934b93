/** What goes wrong, and how often among a hundred. */
const shares = {
  'relay killed': 40,
  'relay paused': 30,
  'database killed': 20,
  'database paused': 10
} as const
export type FaultKind = keyof typeof shares

/** What a fault waits for; a relay that is struck is the one to which it happened. */
const moments = ['posted', 'acknowledged', 'translated', 'synced', 'Seam called'] as const
export type Moment = (typeof moments)[number]

export interface Fault {
  kind: FaultKind
  moment: Moment
  /** The so-and-so-many-th from the fault before on. */
  nth: number
}

const MOST_EVENTS = 10

/** So many faults in a random order, of every kind its share. */
export function faultsOf(count: number, random: () => number): Fault[] {
  const below = (limit: number) => Math.floor(random() * limit)
  const kinds: FaultKind[] = []
  for (const [kind, share] of Object.entries(shares) as [FaultKind, number][])
    kinds.push(...Array<FaultKind>(Math.ceil((count * share) / 100)).fill(kind))
  for (let last = kinds.length - 1; last > 0; last -= 1) {
    const other = below(last + 1)
    ;[kinds[last], kinds[other]] = [kinds[other] as FaultKind, kinds[last] as FaultKind]
  }
  return kinds.map(kind => ({
    kind,
    moment: moments[below(moments.length)] as Moment,
    nth: 1 + below(MOST_EVENTS)
  }))
}
