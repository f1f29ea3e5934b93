/** A slow platform must not take all the places there are. */
const CROWD = 32

/** Connections with much under way that takes its time: answers of their platforms, and evaluations of their expressions. */
export interface Crowd {
  counted<T>(connectionId: string, work: Promise<T>): Promise<T>
  /** Connections with so much under way that no more of their deliveries are to be taken on. */
  crowded(): string[]
}

export function crowdOf(): Crowd {
  const underWay = new Map<string, number>()
  return {
    async counted(connectionId, work) {
      underWay.set(connectionId, (underWay.get(connectionId) ?? 0) + 1)
      try {
        return await work
      } finally {
        underWay.set(connectionId, Number(underWay.get(connectionId)) - 1)
      }
    },

    crowded: () => [...underWay].flatMap(([id, count]) => (count >= CROWD ? [id] : []))
  }
}
