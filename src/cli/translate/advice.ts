import { heldReasons } from '../../model/held-reasons.ts'

/** What lets a held stay go, for an operator. */
export interface Circumstances {
  /** The platform's title. */
  title: string
  /** The platform's id of the place; undefined where none is told. */
  place: string | undefined
  /** What the platform's API could add. */
  api: 'none' | 'not configured' | 'not asked' | 'asked'
}

const advice: Record<keyof typeof heldReasons, (circumstances: Circumstances) => string> = {
  noRoom: ({ title }) => `it is sent by itself once ${title} gives its room`,
  noGuest: ({ title }) => `it is sent by itself once ${title} names a guest`,
  noStart: ({ title }) => `it is sent by itself once ${title} says when it begins`,
  noEnd: ({ title }) => `it is sent by itself once ${title} says when it ends`,
  noTimeZone: circumstances => missing('time zone', 'time_zone', circumstances),
  noCheckInTime: circumstances => missing('check-in time', 'check_in_time', circumstances),
  noCheckOutTime: circumstances => missing('check-out time', 'check_out_time', circumstances),
  placeRemoved: ({ title }) => `move the booking to another place at ${title}`,
  endsBeforeStart: ({ title }) => `correct its dates at ${title}`,
  foreignPlace: () => 'name a place of its own customer',
  openEnd: () => 'push its ends_at'
}

const names = Object.keys(advice) as (keyof typeof heldReasons)[]

/** @param reason as the desired state gives it */
export function releaseOf(reason: string, circumstances: Circumstances): string {
  const known = names.find(name => heldReasons[name] === reason)
  return known === undefined
    ? `${circumstances.title} sends something unforeseen here; please report it`
    : advice[known](circumstances)
}

function missing(what: string, setting: string, { title, place, api }: Circumstances): string {
  const ask = {
    none: '',
    'not configured': `, or give the connection api credentials, so that ${title} is asked`,
    'not asked': `; a relay also asks ${title} for it, as --hydrate does here`,
    asked: ''
  }[api]
  return `no ${what} is known for place ${place}: set ${setting} on the connection or places.${place}.${setting}${ask}`
}
