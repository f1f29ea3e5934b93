import { kindNames, kinds } from './kind.ts'

/** Members of an entry that name other resources: those of a stay or a member of staff, and the site of a place. */
const refFields = new Set([
  'parent_site_key',
  'site_keys',
  'property_listing_keys',
  ...kindNames.map(kind => kinds[kind].refField).filter(field => field !== undefined)
])

/** Keys of what an entry of push_data names: the places and people of a stay. */
export function keysNamedIn(fields: Record<string, unknown> | null): string[] {
  return [...refFields].flatMap(field => {
    const value = fields?.[field]
    if (typeof value === 'string') return [value]
    return Array.isArray(value) ? value.map(String) : []
  })
}
