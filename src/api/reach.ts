import type { BodyProblem } from '../model/body-problem.ts'
import type { Call } from '../model/call.ts'
import { mayReach } from '../model/caller.ts'
import type { KeyOwner } from '../model/key-owner.ts'
import type { PushData } from '../seam/contract.ts'
import { listsIn } from './lists.ts'

export interface ReachOptions {
  /** Whose a key is by the connections file. */
  keyOwner: KeyOwner
  /** Whose these keys are, as far as the store knows any of them. */
  owners(workspaceId: string, keys: string[]): Promise<{ key: string; customerKey: string }[]>
}

export interface Reach {
  /**
   * Keys that are kept for another customer's connection: a webhook of that customer would write the same resource. For
   * every caller, and without a look into the store.
   */
  keysKeptForOthers(workspaceId: string, body: PushData): BodyProblem[]
  /** Keys that are another customer's. Says nothing of whose. @throws RelayError RELAY_STORE_UNAVAILABLE */
  keysOfOthers(workspaceId: string, body: PushData): Promise<BodyProblem[]>
}

interface NamedKey {
  key: string
  path: string[]
}

export function reachOf({ keyOwner, owners }: ReachOptions): Reach {
  return {
    keysKeptForOthers(workspaceId, body) {
      const problems: BodyProblem[] = []
      forEachKey(body, (key, pathOf) => {
        const owner = keyOwner(workspaceId, key)
        if (owner !== undefined && owner !== body.customer_key) {
          problems.push({ path: pathOf(), message: 'is kept for another connection; choose another key' })
        }
      })
      return problems
    },

    async keysOfOthers(workspaceId, body) {
      const named: NamedKey[] = []
      forEachKey(body, (key, pathOf) => named.push({ key, path: pathOf() }))
      const found = await owners(workspaceId, [...new Set(named.map(each => each.key))])
      const taken = new Set(
        found.filter(each => each.customerKey !== body.customer_key).map(each => each.key)
      )
      return named
        .filter(each => taken.has(each.key))
        .map(({ path }) => ({ path, message: 'is taken; choose another key' }))
    }
  }
}

/** Every key that entries have or name. Paths are made for those who ask: every call passes here. */
function forEachKey(body: PushData, visit: (key: string, pathOf: () => string[]) => void): void {
  for (const { list, entries } of listsIn(body)) {
    entries.forEach((entry, position) => {
      for (const field in entry) {
        if (field.endsWith('_key')) visit(String(entry[field]), () => [list, String(position), field])
        else if (field.endsWith('_keys')) {
          const keys = entry[field] as string[]
          keys.forEach((key, at) => void visit(key, () => [list, String(position), field, String(at)]))
        }
      }
    })
  }
}

/** @param named customers that the body of the call names; those beyond the caller's reach stay as they are */
export function customersTakenOff(call: Call, named: string[]): string[] {
  if (call.operation === 'push_data') return []
  return [...new Set(named)].filter(each => mayReach(call, each))
}
