import { runs, sqlite } from './engines.ts'
import { sharedContacts } from './shared-contacts.ts'

sharedContacts(sqlite, runs(30))
