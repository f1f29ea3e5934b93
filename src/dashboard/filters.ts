/** What a list shows, as it stands in the address: a link to it shows the same to a colleague. */

export type Filter = Record<string, string>

/** Parameters of an address; what is empty or false is left out. */
export type Values = Record<string, string | number | boolean | undefined>

/** Only members that are known; of each the first. */
export function filterIn(search: string, names: readonly string[]): Filter {
  const params = new URLSearchParams(search)
  const filter: Filter = {}
  for (const name of names) {
    const value = params.get(name)?.trim()
    if (value) filter[name] = value
  }
  return filter
}

/** `?connection=lakeside&state=dead`; empty where nothing is filtered. Names stay in their order. */
export function searchOf(filter: Values): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(filter)) {
    if (value !== undefined && value !== '' && value !== false) params.set(name, String(value))
  }
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

/** Changes one member; empty takes it out. */
export function changed(filter: Filter, name: string, value: string): Filter {
  const { [name]: _before, ...others } = filter
  return value === '' ? others : { ...others, [name]: value }
}

/** For an input of the type datetime-local, which knows no zone. */
export function toLocal(instant: string | undefined): string {
  if (instant === undefined) return ''
  const at = new Date(instant)
  if (Number.isNaN(at.getTime())) return ''
  const two = (number: number) => String(number).padStart(2, '0')
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${date}T${two(at.getHours())}:${two(at.getMinutes())}`
}

/** @returns empty for what is no time */
export function fromLocal(local: string): string {
  const at = new Date(local)
  return local === '' || Number.isNaN(at.getTime()) ? '' : at.toISOString()
}

/** In words, for what is about to be done to all that fits. */
export function inWords(filter: Filter): string {
  const words = Object.entries(filter).map(([name, value]) => {
    const said = wording[name]
    return said === undefined ? `${name} ${value}` : said(value)
  })
  return words.length === 0 ? 'all deliveries' : `deliveries ${words.join(', ')}`
}

const wording: Record<string, (value: string) => string> = {
  connection: value => `of ${value}`,
  state: value => `that are ${value}`,
  type: value => `with the event ${value}`,
  booking: value => `of the booking ${value}`,
  text: value => `whose id begins with ${value}`,
  since: value => `since ${value}`,
  until: value => `before ${value}`,
  ids: value => (value.includes(',') ? `with ${value.split(',').length} chosen ids` : `with the id ${value}`)
}
