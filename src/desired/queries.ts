import type { Contacts } from '../store/contacts.ts'
import type { Lanes } from '../store/lanes.ts'
import type { Resources } from '../store/resources.ts'

/** What the desired state asks of the store. */
export interface Queries {
  resources: Resources
  contacts: Contacts
  lanes: Lanes
}
