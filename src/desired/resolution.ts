import type { Connection } from '../model/connection.ts'
import { later } from '../model/stamp.ts'
import type { ResourceRef } from '../store/resources.ts'
import { forgetRemoved, join } from './facts.ts'
import { type LaneView, mergedIntoOf, type Name, type Resource } from './lane-view.ts'
import { guestRef, placeRef } from './merge.ts'

/** How far a chain of merged places or guests is followed: further than any goes. */
const LONGEST_MERGE_CHAIN = 100

/** A place or guest as a connection calls it. */
export interface Called {
  ref: Name['ref']
  connection: Connection
  id: string
}

/** A row, and the platform's id that led to it. */
export interface Followed {
  id: string
  row: Resource
}

/** Under its key and list of today. */
export function refOf({ ref, connection, id }: Called): ResourceRef {
  return ref === 'place' ? placeRef(connection, id) : guestRef(connection, id)
}

/**
 * Which row stands for what a connection calls a place or guest: the settings may have given it another key or list, and
 * the platform may have merged it into another one.
 */
export class Resolution {
  readonly #view: LaneView
  readonly #settingsChanged: boolean
  /** What was looked for under other keys and lists. */
  readonly #takenOver = new Set<string>()
  /** Rows that know more since something was taken over. */
  readonly #grown = new Set<Resource>()

  /** @param settingsChanged whether what has been looked up before may be known otherwise all the same */
  constructor(view: LaneView, settingsChanged: boolean) {
    this.#view = view
    this.#settingsChanged = settingsChanged
  }

  /** Reads all of these at once, and takes over what is known of them under other keys and lists. */
  async takeOver(called: Called[]): Promise<void> {
    await this.#view.load(called.map(refOf))
    const asked: Called[] = []
    for (const each of called) if (await this.#mayBeKnownOtherwise(each)) asked.push(each)
    for (const [, group] of Map.groupBy(asked, each => `${each.ref} ${each.connection.id}`)) {
      const [first] = group
      const ids = [...new Set(group.map(each => each.id))]
      if (first !== undefined) await this.#view.loadKnownAs(first.ref, first.connection.id, ids)
    }
    for (const each of called) {
      await this.#view.breathe()
      await this.#takeOver(each)
    }
  }

  /** Whether something was taken over into this row. */
  hasGrown(row: Resource): boolean {
    return this.#grown.has(row)
  }

  /**
   * What somebody called so stands for, merges followed; undefined where nobody is known by that id.
   * @param names gets every row on the way, since a stay depends on each
   */
  async follow(called: Called, names: Name[]): Promise<Followed | undefined> {
    let followed: Followed | undefined
    let id: string | undefined = called.id
    for (let step = 0; id !== undefined && step < LONGEST_MERGE_CHAIN; step += 1) {
      const row = await this.#rowOf({ ...called, id })
      if (row !== undefined) {
        names.push({ ref: called.ref, key: row.key })
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
    const { ref, connection, id } = called
    const name = JSON.stringify([ref, connection.id, id])
    if (this.#takenOver.has(name) || !(await this.#mayBeKnownOtherwise(called))) return
    this.#takenOver.add(name)
    const known = await this.#view.get(refOf(called))
    if (known === undefined && ref === 'guest') return
    const made = { connectionId: connection.id, sourceId: id, booking: null }
    const row = known ?? (await this.#view.obtain(refOf(called), made))
    for (const former of await this.#view.knownAs(ref, connection.id, id)) {
      if (former === row) continue
      this.#view.touch(row)
      this.#grown.add(row)
      join(row.facts, former.facts)
      row.upsertStamp = later(row.upsertStamp, former.upsertStamp)
      row.removedStamp = later(row.removedStamp, former.removedStamp)
      if (ref === 'place') forgetRemoved(row.facts, row.removedStamp)
    }
  }

  /** The guest as pushed to another list before the settings changed; where there were several, the one told of last. */
  async #formerGuest({ ref, connection, id }: Called): Promise<Resource | undefined> {
    const known = await this.#view.knownAs(ref, connection.id, id)
    return known.toSorted((a, b) => (a.upsertStamp > b.upsertStamp ? -1 : 1))[0]
  }
}
