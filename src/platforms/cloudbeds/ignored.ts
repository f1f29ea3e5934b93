const block = 'a block of rooms is nobody’s stay'
const lock = 'door locks that are partners of Cloudbeds are another way to a key'

/** Known events that tell of no stay. Of some objects no event does; they stand here once, see `readEvents`. */
export const ignoredEvents: Record<string, string> = {
  'reservation/accommodation_status_changed': 'whether somebody is in the room changes no stay',
  'reservation/notes_changed': 'notes change no stay',
  'roomblock/created': block,
  'roomblock/removed': block,
  'roomblock/details_changed': block,
  'integration/appstate_changed':
    'it reports the state of the app, not of a booking; once disabled, nothing more comes',
  'doorLockKey/key_requested': lock,
  'doorLockKey/key_cancelled': lock,
  'housekeeping/*': 'housekeeping changes no stay',
  'night_audit/*': 'the night audit changes no stay',
  'allotmentBlock/*': block,
  'api_queue_task/*': 'tasks of the API change no stay',
  'accounting/*': 'accounting changes no stay',
  'fiscal_document/*': 'documents change no stay'
}
