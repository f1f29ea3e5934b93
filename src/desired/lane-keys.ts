import { RelayError } from '../errors.ts'
import { later, NEVER, type Stamp } from '../model/stamp.ts'
import type { Owner } from '../store/key-owners.ts'
import { type Lane, type ResourceRef, type ResourceRow, strayLane } from '../store/resources.ts'
import type { Write } from '../store/write.ts'
import { keyDeletedUpTo } from './facts.ts'
import type { Queries } from './queries.ts'
import { idOf, isHad, type Resource } from './resource.ts'

/** Somebody has a key that nobody was thought to have. */
export class KeyHasOwner extends Error {}

/** Until Seam has been told: so the key of whoever takes it next is not deleted there. */
export function keyBeingDeleted(): RelayError {
  return new RelayError('RELAY_KEY_BEING_DELETED', undefined, { retryable: true })
}

/**
 * Whose keys are, as far as a step on a lane makes, names or deletes any. Customers of a workspace share its keys, so what
 * was seen of the others has to hold until the lane's commit.
 */
export class LaneKeys {
  readonly #lane: Lane
  readonly #queries: Pick<Queries, 'lanes' | 'resources'>
  readonly #rows: (refs: ResourceRef[]) => Promise<Resource[]>
  /** Of keys that are new here, and were deleted before: when. */
  readonly #deletions = new Map<string, Stamp>()
  /** Keys that this customer comes to have by what a caller pushed. */
  readonly #made = new Set<string>()
  /** Keys that are named, and that no other customer was seen to have. */
  readonly #named = new Set<string>()
  /** That other customers' lanes have not moved since they were looked at. */
  readonly #unmoved = new Map<string, Write[]>()
  readonly #stray: Write[] = []

  /** @param rows those of these resources that the lane has */
  constructor(lane: Lane, queries: Queries, rows: (refs: ResourceRef[]) => Promise<Resource[]>) {
    this.#lane = lane
    this.#queries = queries
    this.#rows = rows
  }

  /**
   * For deletions of keys that nobody is known to have: the commit only holds if that is still so.
   * @throws KeyHasOwner
   */
  async expectStray(refs: ResourceRef[]): Promise<void> {
    const { workspaceId, customerKey } = this.#lane
    if (refs.length === 0 || customerKey !== strayLane(workspaceId).customerKey) return
    const { resources } = this.#queries
    const owners = await resources.owners(
      workspaceId,
      refs.map(ref => ref.key)
    )
    if (owners.some(owner => refs.some(ref => idOf(ref) === idOf(owner)))) throw new KeyHasOwner()
    this.#stray.push(...resources.nobodyHas(this.#lane, refs))
  }

  /**
   * For pushes: of keys that this customer does not have the commit only holds if nobody else comes to have one meanwhile, and
   * of keys that are new here if nobody deletes one.
   * @throws KeyHasOwner; RelayError RELAY_KEY_BEING_DELETED (retryable) where Seam is still to be told that nobody else does
   */
  async claim(refs: ResourceRef[]): Promise<void> {
    const rows = await this.#rows(refs)
    const had = new Set(rows.filter(isHad).map(idOf))
    const keys = refs.filter(ref => !had.has(idOf(ref))).map(ref => ref.key)
    const others = await this.#others(keys)
    const owners = others.filter(owner => !owner.isGone)
    if (owners.some(owner => !owner.isBeingDeleted)) throw new KeyHasOwner()
    if (owners.length > 0) throw keyBeingDeleted()
    for (const key of keys) this.#made.add(key)
    const known = new Set(rows.map(idOf))
    await this.#loadDeletions(
      refs.filter(ref => !known.has(idOf(ref))),
      others
    )
  }

  /**
   * @param refs new here @param former customers that had them
   * @throws RelayError RELAY_KEY_BEING_DELETED (retryable) while Seam has not been told of a deletion of what nobody had
   */
  async #loadDeletions(refs: ResourceRef[], former: Owner[]): Promise<void> {
    if (refs.length === 0) return
    const stray = strayLane(this.#lane.workspaceId)
    for (const row of await this.#rowsOf(stray, refs)) {
      if (row.revision > Math.max(row.synced_revision, row.buried_revision)) throw keyBeingDeleted()
      this.#deletions.set(idOf(row), row.removed_stamp)
    }
    const wanted = new Set(refs.map(idOf))
    const ofRefs = former.filter(owner => wanted.has(idOf(owner)))
    for (const [customerKey, owners] of Map.groupBy(ofRefs, owner => owner.customerKey)) {
      for (const row of await this.#rowsOf({ ...stray, customerKey }, owners)) {
        const deleted = later(keyDeletedUpTo(JSON.parse(row.facts)), this.deletionOf(row))
        this.#deletions.set(idOf(row), deleted)
      }
    }
  }

  /** Of another lane, which has to stay as it is until the commit. */
  async #rowsOf(lane: Lane, refs: ResourceRef[]): Promise<ResourceRow[]> {
    const { lanes, resources } = this.#queries
    this.#unmoved.set(lane.customerKey, lanes.unmoved(lane, (await lanes.state(lane))?.revision))
    return resources.byRef(lane, refs)
  }

  /** As loaded; NEVER where there was none. */
  deletionOf(ref: ResourceRef): Stamp {
    return this.#deletions.get(idOf(ref)) ?? NEVER
  }

  /** Those of these keys that another customer of the workspace has. The commit only holds if nobody comes to have another one. */
  async elsewhere(keys: string[]): Promise<Set<string>> {
    const others = (await this.#others(keys)).filter(owner => !owner.isGone)
    const foreign = new Set(others.map(owner => owner.key))
    for (const key of keys) if (!foreign.has(key)) this.#named.add(key)
    return foreign
  }

  /** Customers besides this one that have these keys, or had them. */
  async #others(keys: string[]): Promise<Owner[]> {
    const owners = await this.#queries.resources.owners(this.#lane.workspaceId, [...new Set(keys)])
    return owners.filter(owner => owner.customerKey !== this.#lane.customerKey)
  }

  /** Whether the commit rests upon other customers' lanes. */
  get looksElsewhere(): boolean {
    return this.#unmoved.size > 0
  }

  /**
   * The lane's own write among those of the others: all commits take lanes in one order, so that customers who take keys from
   * each other do not wait in a circle.
   */
  lanesInOrder(own: Write[]): Write[] {
    const lanes = [...this.#unmoved, [this.#lane.customerKey, own] as const]
    return lanes.sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, writes]) => writes)
  }

  /** That keys which were made or named are still nobody else's. */
  nobodyElseHas(): Write[] {
    return this.#queries.resources.nobodyElseHas(this.#lane, { made: this.#made, named: this.#named })
  }

  /** That keys which nobody was seen to have are still nobody's. */
  get strayWrites(): readonly Write[] {
    return this.#stray
  }
}
