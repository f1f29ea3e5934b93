import type { ListedResource } from '../operate/schemas/resources.ts'

export type Group = 'stay' | 'guest' | 'place'

/** Which group a kind is looked for in, the kinds in the order in which they are offered; a test compares it with the model. */
const groups: Record<string, Group> = {
  reservation: 'stay',
  booking: 'stay',
  access_grant: 'stay',
  guest: 'guest',
  tenant: 'guest',
  resident: 'guest',
  user: 'guest',
  user_identity: 'guest',
  space: 'place',
  property: 'place',
  property_listing: 'place',
  listing: 'place',
  unit: 'place',
  room: 'place',
  facility: 'place',
  building: 'place',
  common_area: 'place',
  site: 'place',
  staff_member: 'guest'
} satisfies Record<ListedResource['kind'], Group>

export const kindNames = Object.keys(groups)

/** What only another release knows is found among the places. */
export function groupOf(kind: string): Group {
  return groups[kind] ?? 'place'
}
