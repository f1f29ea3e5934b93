/**
 * Where a booking stands by its status. `checked out` is pushed with the end that it really had; `no access` is for what
 * gives none and has no better word; `tentative` waits for the host, and the connection says what it gives meanwhile.
 */
export type Standing =
  | 'pushed'
  | 'checked out'
  | 'tentative'
  | 'inquiry'
  | 'owner stay'
  | 'block'
  | 'no access'
  | 'cancelled'

/** The words in which a platform says where a booking stands. A word that is not listed changes nothing. */
export interface Statuses {
  /** Where the word stands, in the platform’s names; left out where the platform has no words. */
  member?: string
  /** Word → standing: the table that the translator goes by. Empty where the platform has no words. */
  standings: ReadonlyMap<string, Standing>
  /** What decides instead of a word, or beside it. Markdown. */
  beside?: string
}

/** A table for words that are taken in any case, of one that spells them as the platform does. */
export function inLowerCase<S extends Standing>(standings: ReadonlyMap<string, S>): ReadonlyMap<string, S> {
  return new Map([...standings].map(([word, standing]) => [word.toLowerCase(), standing]))
}
