import { kinds } from '../model/kind.ts'
import type { DirtyResource, RefusedResource } from '../store/outbox.ts'

/** A deletion is never given up: a refused one is tried again after so long, and so on. */
const DELETE_AGAIN_MS = 6 * 3_600_000

/** Refused resources of one customer that are looked at; beyond them no person and no place is deleted. */
export const MOST_REFUSED = 1_000

/**
 * What Seam refused of a customer, and what follows from it. A stay that was refused is at Seam as it was before: it may
 * name people and places there whom it no longer names here, and to delete those would end its access. So they stay until
 * it has gone through, or is over.
 */
export class Refusals {
  readonly #now: number
  readonly #keptKeys = new Set<string>()
  readonly #keepsAll: boolean
  readonly #toDelete: DirtyResource[] = []
  #lookAgainAt: number | undefined

  constructor(refused: RefusedResource[], now: number) {
    this.#now = now
    this.#keepsAll = refused.length >= MOST_REFUSED
    for (const each of refused) this.add(each)
  }

  add(refused: RefusedResource): void {
    if (refused.fields === null) this.#addDeletion(refused)
    else this.#addPush(refused.fields, refused.namedAtSeam)
  }

  #addPush(fields: Record<string, unknown>, namedAtSeam: string[] = []): void {
    const endsAt = Date.parse(String(fields.ends_at))
    if (namedAtSeam.length === 0 || endsAt <= this.#now) return
    for (const key of namedAtSeam) this.#keptKeys.add(key)
    if (!Number.isNaN(endsAt)) this.#lookAgain(endsAt)
  }

  #addDeletion(refused: RefusedResource): void {
    const due = refused.refusedAt + DELETE_AGAIN_MS
    if (due <= this.#now) this.#toDelete.push(refused)
    else this.#lookAgain(due)
  }

  #lookAgain(at: number): void {
    this.#lookAgainAt = Math.min(at, this.#lookAgainAt ?? at)
  }

  /** Whether a resource is a person or place to be deleted whom a refused stay may name. */
  keeps({ kind, key, fields }: DirtyResource): boolean {
    if (fields !== null || kinds[kind].role === 'stay') return false
    return this.#keepsAll || this.#keptKeys.has(key)
  }

  /** Keys of {@link keeps}. */
  get keptKeys(): string[] | 'all' {
    return this.#keepsAll ? 'all' : [...this.#keptKeys]
  }

  /** Refused deletions whose time has come. */
  get toDelete(): DirtyResource[] {
    return this.#toDelete.filter(each => !this.keeps(each))
  }

  /** When something of this changes although nobody says anything. */
  get lookAgainAt(): number | undefined {
    return this.#lookAgainAt
  }
}
