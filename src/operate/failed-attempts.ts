/** Before anybody has to wait: people mistype. */
const FREE = 5
const FIRST_WAIT_MS = 1_000
/** Not longer, or whoever sends wrong tokens would keep out others behind the same proxy. */
const LONGEST_WAIT_MS = 60_000
const FORGOTTEN_AFTER_MS = 15 * 60_000
const MOST_ADDRESSES = 10_000
/** What one household has of addresses: 64 bits of the newer sort. */
const GROUPS = 4

export interface FailedAttempts {
  /** How long an address is not to try, ms. */
  waitOf(address: string): number
  /** Counted before it is known how the attempt ends: many may be made at the same moment. */
  begun(address: string): void
  succeeded(address: string): void
}

/** Attempts by address, so that tokens are not guessed by trying: each more after some lets the address wait longer. */
export function failedAttempts(now: () => number): FailedAttempts {
  const known = new Map<string, { count: number; at: number }>()

  function of(address: string) {
    const found = known.get(networkOf(address))
    return found !== undefined && now() - found.at < FORGOTTEN_AFTER_MS ? found : { count: 0, at: 0 }
  }

  return {
    waitOf(address) {
      const { count, at } = of(address)
      if (count < FREE) return 0
      return Math.max(0, Math.min(FIRST_WAIT_MS * 2 ** (count - FREE), LONGEST_WAIT_MS) - (now() - at))
    },
    begun(address) {
      const count = of(address).count + 1
      const network = networkOf(address)
      // Last in the order of the map, so that the first is the one that has been quiet longest.
      known.delete(network)
      known.set(network, { count, at: now() })
      for (const quietest of known.keys()) {
        if (known.size <= MOST_ADDRESSES) break
        known.delete(quietest)
      }
    },
    succeeded(address) {
      known.delete(networkOf(address))
    }
  }
}

function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address
  const [front = '', back] = address.split('::')
  const groups = front === '' ? [] : front.split(':')
  const behind = back === undefined || back === '' ? [] : back.split(':')
  const missing = back === undefined ? 0 : Math.max(0, 8 - groups.length - behind.length)
  return [...groups, ...Array<string>(missing).fill('0'), ...behind].slice(0, GROUPS).join(':')
}
