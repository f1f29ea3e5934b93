import { postgres, runs } from './engines.ts'
import { sharedContacts } from './shared-contacts.ts'

sharedContacts(postgres, runs(8))
