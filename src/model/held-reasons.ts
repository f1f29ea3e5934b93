/** Why a stay is held, as operators and callers read it. What to do about each is in `cli/translate/advice.ts` and the README. */
export const heldReasons = {
  noRoom: 'no room is assigned yet',
  noGuest: 'no guest is named',
  noStart: 'no check-in is given',
  noEnd: 'no check-out is given',
  noTimeZone: 'the time zone of the place is unknown; set time_zone on the connection or the place',
  noCheckInTime: 'the check-in time is unknown; set check_in_time on the connection or the place',
  noCheckOutTime: 'the check-out time is unknown; set check_out_time on the connection or the place',
  placeRemoved: 'its place was removed at the platform',
  endsBeforeStart: 'it ends before it starts',
  foreignPlace: 'a place that it names belongs to another customer',
  openEnd: 'no end is given, and access without an end would stay open; push ends_at'
} as const
