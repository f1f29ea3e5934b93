import { kinds } from '../model/kind.ts'
import type { SandboxView } from '../sandbox/memory.ts'
import type { Entry } from '../seam/contract.ts'
import type { Followed, FollowedResource } from '../store/follow.ts'

/** Everything was understood, and Seam has agreed to it. */
export function isFine({ state, resources, settled }: Followed): boolean {
  const refused = resources.some(each => each.state === 'refused by Seam')
  return settled && !refused && (state === 'translated' || state === 'ignored')
}

/** What became of a delivery, for people. */
export function outcomeLines({ events, resources, settled, trouble }: Followed): string[] {
  const width = Math.max(0, ...resources.map(each => nameOf(each).length))
  return [
    '',
    ...events.map(({ type, outcome, reason }) => `${type}: ${outcome}${because(reason)}`),
    ...resources.flatMap(resource => [
      `  ${nameOf(resource).padEnd(width)}  ${fateOf(resource)}${because(resource.reason)}`,
      ...resource.warnings.map(warning => `    Warning: ${warning}`)
    ]),
    ...(settled ? [] : [`Not finished yet; the relay keeps trying${because(trouble)}`])
  ]
}

/** What Seam's stand-in holds of the given resources. */
export function sandboxLines({ workspaces }: SandboxView, resources: FollowedResource[]): string[] {
  const customers = workspaces.flatMap(each => each.customers)
  const held = resources.flatMap(({ kind, key }) => {
    const { list, keyField } = kinds[kind]
    const entries = customers.flatMap(each => (each.resources[list] ?? []) as Entry[])
    const own = entries.filter(entry => entry[keyField] === key)
    return own.map(entry => `  ${list}: ${JSON.stringify(entry)}`)
  })
  const stays = customers.flatMap(each => each.stays)
  const access = stays
    .filter(stay => resources.some(each => each.key === stay.key))
    .map(stay => `  access for ${stay.key}: ${stay.access}${because(stay.reason)}`)
  const heading = held.length === 0 ? 'holds nothing of it.' : 'now holds:'
  return ['', `The sandbox, in Seam’s place, ${heading}`, ...held, ...access]
}

/** What the delivery did to it, and how it stands now; once where that is the same. */
function fateOf({ outcome, state }: FollowedResource): string {
  return outcome === state ? state : `${outcome ?? 'named'}, ${state}`
}

function nameOf({ kind, key }: FollowedResource): string {
  return `${kind} ${key}`
}

function because(reason: string | null | undefined): string {
  return reason ? `: ${reason}` : ''
}
