import { mended } from '../model/broken-text.ts'
import { type CustomTold, customToldIn } from './entry-facts.ts'
import { type Facts, METADATA_NAME } from './facts.ts'
import type { SeamFields } from './seam-fields.ts'

/** Seam allows so many names; types 1.1038.0. */
const MOST_METADATA = 50

/** Seam keeps what it is not told of again, and takes away what it is told as null: names that are gone are told so. */
export function metadataOfStay(facts: Facts): SeamFields | undefined {
  const value = facts.metadata?.value
  const byPlatform = typeof value === 'object' && value !== null ? value : {}
  const gone = Object.keys(facts)
    .filter(name => name.startsWith(METADATA_NAME))
    .map(name => name.slice(METADATA_NAME.length))
    .filter(name => !Object.hasOwn(byPlatform, name))
    .sort((a, b) => (a < b ? -1 : 1))
  return whereAny(withinLimits(byPlatform, customToldIn(facts), gone))
}

/** Platforms tell none of a place; callers do. */
export function metadataOfPlace(facts: Facts): SeamFields | undefined {
  return whereAny(withinLimits({}, customToldIn(facts)))
}

function whereAny(metadata: SeamFields): SeamFields | undefined {
  return Object.keys(metadata).length > 0 ? metadata : undefined
}

/**
 * What a platform told, and over it what callers told; names that Seam is to forget as null, as many as there is room for. Seam
 * would refuse a resource with more names, and keeps those that it heard earlier: what was told last is told on.
 * @param custom latest first @param gone names that the platform no longer tells
 */
function withinLimits(byPlatform: object, custom: CustomTold[], gone: string[] = []): SeamFields {
  const values = new Map<string, unknown>(Object.entries(byPlatform))
  for (const { name, value } of custom) values.set(name, value)
  for (const name of gone) values.set(name, values.get(name) ?? null)
  const live = [...values].filter(([, value]) => value !== null)
  const cleared = [...values].filter(([, value]) => value === null)
  const kept = [...live, ...cleared].slice(0, MOST_METADATA)
  // In one order, whatever came first: what looks the same is no news to Seam.
  kept.sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(
    kept.map(([name, value]) => [name, typeof value === 'string' ? mended(value) : value])
  )
}
