const blocks =
  'blocked dates are not a stay; some come just before a booking, others for the units of a bundle'
const channels = 'which channels there are changes no stay'
const pincodes = 'where a pin code can be read is not documented'
const customData = 'custom data is not read'
const inbox = 'messages change no stay'

/** Known and of no use, each with the reason. */
export const ignoredEvents = {
  NEW_BLOCKED_DATES: blocks,
  BLOCK_DELETED: blocks,
  HOTEL_UPDATED: 'a hotel is not a place of its own; its properties have events of theirs',
  PINCODE_CREATED: pincodes,
  PINCODE_UPDATED: pincodes,
  PINCODE_DELETED: pincodes,
  NEW_INBOX_MESSAGE: inbox,
  INBOX_THREAD_UPDATED: inbox,
  CUSTOM_DATA_CREATED: customData,
  CUSTOM_DATA_UPDATED: customData,
  CUSTOM_DATA_DELETED: customData,
  INTEGRATION_ACTIVATED: 'the agency gave its access; webhooks of its bookings follow',
  INTEGRATION_DEACTIVATED:
    'the agency took its access back; what is known of its bookings stays, and the connection can be removed',
  CHANNEL_ACTIVATED: channels,
  CHANNEL_DEACTIVATED: channels
}
