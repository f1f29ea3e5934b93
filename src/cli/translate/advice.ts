/** What lets a held stay go, for an operator. */
export interface Circumstances {
  /** The platform's title. */
  title: string
  /** The platform's id of the place; undefined where none is told. */
  place: string | undefined
  /** What the platform's API could add. */
  api: 'none' | 'not configured' | 'not asked' | 'asked'
}

const advice: Record<string, (title: string) => string> = {
  'no room is assigned yet': title => `it is sent by itself once ${title} gives its room`,
  'no guest is named': title => `it is sent by itself once ${title} names a guest`,
  'no check-in is given': title => `it is sent by itself once ${title} says when it begins`,
  'no check-out is given': title => `it is sent by itself once ${title} says when it ends`,
  'its place was removed at the platform': title => `move the booking to another place at ${title}`,
  'it ends before it starts': title => `correct its dates at ${title}`,
  'a place that it names belongs to another customer': () => 'name a place of its own customer',
  'no end is given, and access without an end would stay open; push ends_at': () => 'push its ends_at'
}

/** @param reason as the desired state gives it */
export function releaseOf(reason: string, circumstances: Circumstances): string {
  const { title } = circumstances
  const told = Object.hasOwn(advice, reason) ? advice[reason] : undefined
  if (told !== undefined) return told(title)
  if (reason.startsWith('the time zone of the place is unknown'))
    return missing('time zone', 'time_zone', circumstances)
  const [, hour] = /^the (check-in|check-out) time is unknown/.exec(reason) ?? []
  if (hour !== undefined) return missing(`${hour} time`, `${hour.replace('-', '_')}_time`, circumstances)
  return `${title} sends something unforeseen here; please report it`
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
