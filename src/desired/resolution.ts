import type { Connection } from '../model/connection.ts'
import type { NamedRole } from '../model/kind.ts'
import type { ResourceRef } from '../store/resources.ts'
import type { ConnectionOf } from './callers.ts'
import { handOver, isSame, takeIn } from './hand-over.ts'
import { guestRef, placeRef } from './keys.ts'
import type { LaneView } from './lane-view.ts'
import { mergedIntoOf, type Name, type Origin, type Resource } from './resource.ts'

/** How far a chain of merged places or guests is followed: further than any goes. */
const LONGEST_MERGE_CHAIN = 100

/** A place or guest as a connection calls it. */
export interface Called {
  role: NamedRole
  connection: Connection
  id: string
  /** Of a place that a stay named so far by a key that it had together with another place. */
  shared?: { key: string; owner: Origin }
}

/** A row, and the platform's id that led to it. */
export interface Followed {
  id: string
  row: Resource
}

/** Under its key and list of today. */
export function refOf({ role, connection, id }: Called): ResourceRef {
  return role === 'place' ? placeRef(connection, id) : guestRef(connection, id)
}

/**
 * Which row stands for what a connection calls a place or guest: the settings may have given it another key or list, and
 * the platform may have merged it into another one.
 */
export class Resolution {
  readonly #view: LaneView
  readonly #connectionOf: ConnectionOf
  readonly #settingsChanged: boolean
  /** What was looked for under other keys and lists. */
  readonly #takenOver = new Set<string>()

  /** @param settingsChanged whether what has been looked up before may be known otherwise all the same */
  constructor(view: LaneView, connectionOf: ConnectionOf, settingsChanged: boolean) {
    this.#view = view
    this.#connectionOf = connectionOf
    this.#settingsChanged = settingsChanged
  }

  /** Reads all of these at once, and takes over what is known of them under other keys and lists. */
  async takeOver(called: Called[]): Promise<void> {
    await this.#view.load(called.map(refOf))
    const asked: Called[] = []
    for (const each of called) if (await this.#mayBeKnownOtherwise(each)) asked.push(each)
    for (const [, group] of Map.groupBy(asked, each => `${each.role} ${each.connection.id}`)) {
      const [first] = group
      const ids = [...new Set(group.map(each => each.id))]
      if (first !== undefined) await this.#view.loadKnownAs(first.role, first.connection.id, ids)
    }
    for (const each of called) {
      await this.#view.breathe()
      await this.#takeOver(each)
    }
  }

  /**
   * What somebody called so stands for, merges followed; undefined where nobody is known by that id.
   * @param names gets every row on the way, since a stay depends on each
   */
  async follow(called: Called, names: Name[]): Promise<Followed | undefined> {
    let followed: Followed | undefined
    let id: string | undefined = called.id
    for (let step = 0; id !== undefined && step < LONGEST_MERGE_CHAIN; step += 1) {
      const row = await this.#rowOf({ role: called.role, connection: called.connection, id })
      if (row !== undefined) {
        names.push(nameOf(called, id, row))
        followed = { id, row }
      }
      id = row && mergedIntoOf(row)
    }
    return followed
  }

  async #rowOf(called: Called): Promise<Resource | undefined> {
    await this.#takeOver(called)
    return (await this.#view.get(refOf(called))) ?? this.#formerGuest(called)
  }

  /** What is stored under its key of today has been looked up before, unless the settings have changed since. */
  async #mayBeKnownOtherwise(called: Called): Promise<boolean> {
    const row = await this.#view.get(refOf(called))
    return row === undefined || this.#settingsChanged || (row.before !== undefined && !row.before.whole)
  }

  /**
   * A place or guest whose key or list the settings have changed takes in what is known of it under the former ones. A
   * place is then there at once, so that an edit moves the stays and ends nobody's code. A guest goes to the other list
   * only when somebody tells of them again.
   */
  async #takeOver(called: Called): Promise<void> {
    const { role, connection, id, shared } = called
    if (role === 'place') await handOver(this.#view, this.#connectionOf, called)
    if (shared !== undefined) await this.#takeOverShared(called, shared)
    const name = JSON.stringify([role, connection.id, id])
    if (this.#takenOver.has(name) || !(await this.#mayBeKnownOtherwise(called))) return
    this.#takenOver.add(name)
    const known = await this.#view.get(refOf(called))
    if (known === undefined && role === 'guest') return
    const made = { connectionId: connection.id, sourceId: id, booking: null }
    const row = await this.#view.obtain(refOf(called), made)
    for (const former of await this.#view.knownAs(role, connection.id, id)) {
      if (former !== row && isSame(former, made)) takeIn(this.#view, row, former)
    }
  }

  /** A place that had its key together with another one and has its own now: what was known of it stands under the former. */
  async #takeOverShared(called: Called, { key, owner }: { key: string; owner: Origin }): Promise<void> {
    const ref = refOf(called)
    const former = await this.#view.get({ kind: ref.kind, key })
    if (key === ref.key || former === undefined || !isSame(former, owner)) return
    const made = { connectionId: called.connection.id, sourceId: called.id, booking: null }
    takeIn(this.#view, await this.#view.obtain(ref, made), former)
  }

  /** The guest as pushed to another list before the settings changed; where there were several, the one told of last. */
  async #formerGuest({ role, connection, id }: Called): Promise<Resource | undefined> {
    const known = await this.#view.knownAs(role, connection.id, id)
    return known.toSorted((a, b) => (a.upsertStamp > b.upsertStamp ? -1 : 1))[0]
  }
}

function nameOf({ role, connection }: Called, id: string, { key, connectionId, sourceId }: Resource): Name {
  const owner = { connectionId, sourceId }
  const isShared = role === 'place' && !isSame(owner, { connectionId: connection.id, sourceId: id })
  return isShared ? { role, key, shared: { as: id, owner } } : { role, key }
}
