const calendar = 'prices and blocks of a calendar; bookings come as reservation events'
const messages = 'a message gives no access'
const tasks = 'a task gives no access'
const payments = 'access does not depend on payments; the reservation’s status counts'

/** Known events without use to Seam. */
export const ignoredEvents: Record<string, string> = {
  'calendar.updated.v2': calendar,
  'listing.calendar.updated': calendar,
  'reservation.messageReceived': messages,
  'reservation.messageSent': messages,
  'task.created': tasks,
  'task.updated': tasks,
  'task.deleted': tasks,
  'payments.received': payments,
  'payments.failed': payments,
  'payments.refunded': payments,
  'payments.overdue': payments,
  'payments.overcharged': payments,
  'payments.overcharge.expected': payments,
  'payments.method.received': payments
}
