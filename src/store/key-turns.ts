import { dialectOf } from './dialect.ts'
import type { Store } from './store.ts'
import { type Write, write } from './write.ts'

/** What a commit says of keys that its customer did not have. */
export interface KeysSpokenOf {
  /** From now on the customer has them. */
  made: Iterable<string>
  /** Named, and nobody else's. */
  named: Iterable<string>
}

/** Few, since a server has room for some thousand locks; keys that share a number only wait a little. */
const NUMBERS = 128

/**
 * Where commits run beside each other, neither of two would see that the one names a key and the other makes it somebody's.
 * Whoever makes keys waits for all who make or name them; whoever only names them does not wait for others who do.
 */
export function keyTurns(store: Store) {
  const dialect = dialectOf(store)
  return (workspaceId: string, { made, named }: KeysSpokenOf): Write[] => {
    const alone = new Map<number, boolean>()
    for (const key of named) alone.set(numberOf(workspaceId, key), false)
    for (const key of made) alone.set(numberOf(workspaceId, key), true)
    // In one order, so that nobody waits in a circle.
    const inOrder = [...alone].sort(([a], [b]) => a - b)
    return inOrder.flatMap(([number, isAlone]) => {
      const turn = dialect.turn(number, isAlone)
      return turn === undefined ? [] : [write({ compile: () => turn.compile(store.db) })]
    })
  }
}

/** FNV-1a. */
function numberOf(workspaceId: string, key: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(JSON.stringify([workspaceId, key])))
    hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0) % NUMBERS
}
