import { later, NEVER, type Stamp } from '../model/stamp.ts'

/** What was said of one thing, field by field, each value with its stamp: the merge has one outcome in any order of arrival. */
export type Facts = Record<string, Fact>

export interface Fact {
  value: unknown
  stamp: Stamp
}

/** Under this name: the latest statement that was the whole. Anything older is void. */
const WHOLE = '*'

/**
 * Under this name: when the key itself was deleted, for whichever customer takes it next. Nothing voids that: the removal of
 * a resource tells neither by whom nor for whom it was.
 */
const KEY_DELETED = '@keyDeleted'

/** Before the name of each piece of metadata that was ever told. */
export const METADATA_NAME = 'metadata.'

/**
 * Takes in the told fields that are newer than what is known, or said again by the same delivery: a replay after the
 * settings or the translator were mended.
 * @param floor statements up to here are void: the thing was removed later
 */
export function tell(facts: Facts, fields: object, stamp: Stamp, floor: Stamp): void {
  if (stamp <= floor || stamp < wholeStamp(facts)) return
  for (const [name, value] of Object.entries(fields)) {
    const known = facts[name]
    if (value !== undefined && (known === undefined || known.stamp <= stamp)) facts[name] = { value, stamp }
  }
}

/** As {@link tell}, and what is not told is gone. */
export function tellWhole(facts: Facts, fields: object, stamp: Stamp, floor: Stamp): void {
  if (stamp <= floor || stamp < wholeStamp(facts)) return
  forget(facts, stamp)
  facts[WHOLE] = { value: null, stamp }
  tell(facts, fields, stamp, floor)
}

/** Voids what was said up to `stamp`. */
export function forget(facts: Facts, stamp: Stamp): void {
  for (const [name, fact] of Object.entries(facts))
    if (fact.stamp <= stamp && name !== KEY_DELETED) delete facts[name]
}

export function tellKeyDeleted(facts: Facts, stamp: Stamp): void {
  facts[KEY_DELETED] = { value: true, stamp: later(keyDeletedUpTo(facts), stamp) }
}

/** @returns NEVER where it was deleted for no other customer */
export function keyDeletedUpTo(facts: Facts): Stamp {
  return facts[KEY_DELETED]?.stamp ?? NEVER
}

/** Voids what was said of a thing up to its removal, but not what it was merged into: what it stands for by then is not removed. */
export function forgetRemoved(facts: Facts, removedStamp: Stamp): void {
  const { mergedInto } = facts
  forget(facts, removedStamp)
  if (mergedInto !== undefined) facts.mergedInto = mergedInto
}

/** Takes in what was said of the same thing under another key: of each field, what was said last. */
export function join(facts: Facts, other: Facts): void {
  const whole = wholeStamp(facts)
  const otherWhole = wholeStamp(other)
  for (const [name, fact] of Object.entries(facts)) if (fact.stamp < otherWhole) delete facts[name]
  for (const [name, fact] of Object.entries(other))
    if (fact.stamp > (facts[name]?.stamp ?? whole)) facts[name] = structuredClone(fact)
}

export function textOf(facts: Facts, name: string): string | undefined {
  const value = facts[name]?.value
  return typeof value === 'string' ? value : undefined
}

export function numberOf(facts: Facts, name: string): number | undefined {
  const value = facts[name]?.value
  return typeof value === 'number' ? value : undefined
}

export function textsOf(facts: Facts, name: string): string[] {
  const value = facts[name]?.value
  return Array.isArray(value) ? value.filter(each => typeof each === 'string') : []
}

/** The newest stamp among the facts. */
export function newest(facts: Facts): Stamp {
  return Object.values(facts).reduce((latest, fact) => later(latest, fact.stamp), NEVER)
}

function wholeStamp(facts: Facts): Stamp {
  return facts[WHOLE]?.stamp ?? NEVER
}
