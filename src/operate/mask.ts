/**
 * What is shown of people to those who did not ask for more, in one place. A name keeps its initial, an e-mail address its
 * domain, a phone number its last two digits, a code nothing. Of JSON that nobody has a schema for, only that is shown which
 * has both a name and a form in which no person is told: whatever is not known counts as somebody's.
 */

const HIDDEN = '•••'
const CUT = '…'
/** Fewer digits are no phone number that anybody could call. */
const LEAST_PHONE_DIGITS = 7
const MOST_DEPTH = 32

/** `Ada Lovelace` → `A…` */
export function maskName(name: string): string {
  const [initial = ''] = name.trim()
  return `${initial}${CUT}`
}

/** `ada@example.com` → `…@example.com` */
export function maskEmail(address: string): string {
  const domain = address.slice(address.lastIndexOf('@') + 1).trim()
  return isDomain(domain) && address.includes('@') ? `${CUT}@${domain}` : CUT
}

/** `+44 20 7946 0958` → `…58` */
export function maskPhone(number: string): string {
  const digits = number.replace(/\D/g, '')
  return digits.length < LEAST_PHONE_DIGITS ? HIDDEN : `${CUT}${digits.slice(-2)}`
}

/** E-mail addresses and phone numbers within words of the relay or of a platform; the words stay. */
export function maskText(text: string): string {
  return text.replace(emailsWithin, address => maskEmail(address)).replace(numbersWithin, maskNumber)
}

/** What a call or a resource told Seam. */
export interface Sent {
  fields: unknown
  subject: Subject
}

/**
 * Words of Seam, which may quote what it was sent: what of that is a person's is masked as it is where it stands itself.
 * @param sent undefined where it is not known any more: then the message is left out behind its type
 */
export function maskSeamWords(text: string, sent: Sent[] | undefined): string {
  if (sent === undefined) return maskText(text.replace(/^(Seam \w+: [^\s:]+: ).*$/s, `$1${CUT}`))
  const people = new Map<string, string>()
  for (const { fields, subject } of sent) addPeople(people, fields, maskJson(fields, subject))
  const lower = text.toLowerCase()
  const quoted = [...people.keys()].filter(each => lower.includes(each)).sort((a, b) => b.length - a.length)
  if (quoted.length === 0) return maskText(text)
  const words = quoted.map(each => each.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|')
  const whole = new RegExp(`(?<![\\p{L}\\p{N}])(?:${words})(?![\\p{L}\\p{N}])`, 'giu')
  return maskText(text.replace(whole, found => people.get(found.toLowerCase()) ?? HIDDEN))
}

/** Whatever a masked value shows otherwise than it is, in small letters, with what is shown instead. */
function addPeople(people: Map<string, string>, value: unknown, shown: unknown): void {
  if (typeof value !== 'object' || value === null || typeof shown !== 'object' || shown === null) {
    const text = String(value).trim().toLowerCase()
    if (value !== shown && text !== '') people.set(text, String(shown))
    return
  }
  const shownEntries = Object.entries(shown)
  for (const [at, [member, each]] of Object.entries(value).entries()) {
    const [shownMember, shownEach] = shownEntries[at] as [string, unknown]
    addPeople(people, member, shownMember)
    addPeople(people, each, shownEach)
  }
}

/** An identifier, which may be an e-mail address where somebody chose so. */
export function maskKey(key: string): string {
  return key.includes('@') ? key.replace(/[^\s:/@]+@/g, `${CUT}@`) : key
}

/** Bounded, as what is searched may be long: an address begins behind white space, a bracket or a quotation mark. */
const emailsWithin = /[^\s@<>"'(),;:[\]{}]{1,254}@[^\s@<>"'(),;:[\]{}]{1,254}/g
const numbersWithin = /(?<![\w.:-])\+?\d[\d\s()./-]*\d/g

/** A number among words: a day and the beginning of an identifier stay. */
function maskNumber(number: string, at: number, text: string): string {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(number)
  const isIdentifier = /^[\d-]+$/.test(number) && /^\w/.test(text.slice(at + number.length))
  const digits = number.replace(/\D/g, '').length
  return isDay || isIdentifier || digits < LEAST_PHONE_DIGITS ? number : maskPhone(number)
}

/** Whose words a value is. */
export type Subject = 'place' | 'person'

/** @param subject of a place the name and the address are shown */
export function maskJson(value: unknown, subject: Subject = 'person'): unknown {
  return masked(value, '', subject, 0)
}

function masked(value: unknown, name: string, subject: Subject, depth: number): unknown {
  if (depth > MOST_DEPTH) return CUT
  if (Array.isArray(value)) return value.map(each => masked(each, name, subject, depth + 1))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([member, each], position) => [
        isMemberName.test(member) ? member : `${CUT}${position}`,
        masked(each, member, subject, depth + 1)
      ])
    )
  }
  if (typeof value === 'string') return maskedString(value, name, subject)
  if (typeof value === 'number') return maskedNumber(value, name)
  return value
}

function maskedString(value: string, name: string, subject: Subject): string {
  if (value === '') return value
  if (isSecret.test(name) && !isHarmlessCode.test(name)) return HIDDEN
  if (subject === 'place' && isOfPlace.test(name)) return maskText(value)
  if (isEmailName.test(name) || value.includes('@')) return maskEmail(value)
  if (isPhoneName.test(name)) return maskPhone(value)
  if (isTime.test(value)) return value
  if (isIdName.test(name) && isIdentifier.test(value)) return value
  if (isWordName.test(name) && isWord.test(value)) return value
  return /^[\d\s()+./-]+$/.test(value) ? maskPhone(value) : maskName(value)
}

/** A phone number or a code may be told as a number. */
function maskedNumber(value: number, name: string): unknown {
  if (isSecret.test(name) && !isHarmlessCode.test(name)) return HIDDEN
  if (isPhoneName.test(name)) return maskPhone(String(value))
  return isIdName.test(name) || isNumberName.test(name) ? value : HIDDEN
}

function isDomain(text: string): boolean {
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(text)
}

/** What is no name of a member may be somebody's. */
const isMemberName = /^[a-z_$][\w$.-]{0,63}$/i

const isSecret =
  /code|pin|passw|secret|token|otp|auth|signature|credential|(?:access|api|door|lock|private)[_-]?key/i
const isHarmlessCode = /(?:country|currency|language|status|postal|zip|error|rate|room|property)_?code$/i
const isEmailName = /e_?-?mail/i
const isPhoneName = /phone|mobile|cell|fax|whatsapp|(?:^|_)tel(?:$|_|ephone)/i
const isOfPlace = /^(?:name|address|title|time_zone|default_check(?:in|out)_time)$/

/** `2027-02-01`, `16:00`, `2027-02-01T16:00:00+01:00`; nobody is called so. */
const isTime =
  /^(?:\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?|\d{2}:\d{2}(?::\d{2})?)$/

const isIdName =
  /(?:^|_)(?:id|ids|uuid|uid|guid|key|keys)$|[a-z](?:Id|Ids|Uuid|Uid|Guid|Key|Keys|ID)$|^(?:id|ids|key|uid|uuid)$/
/** Ids have digits, or stand behind a prefix: a word alone may be a name. */
const isIdentifier = /^(?=.*[\d:])[\w:.-]{1,200}$/

const isWordName =
  /^(?:status|state|type|event|action|topic|kind|object|platform|channel|source|currency|time_?zone|locale|language|trigger_?event|reservation_?status|category|sub_?category|triggers?|stay_?type)$/i
/** A word of a platform: small letters, or capitals alone, or joined by signs. */
const isWord =
  /^(?:[a-z]+(?:[._/-][a-z0-9]+)*|[A-Z]+(?:_[A-Z0-9]+)*|(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific|Etc)\/[\w/+-]+)$/

const isNumberName =
  /^(?:version|revision|count|total|amount|price|nights|guests|adults|children|infants|pets|latitude|longitude|duration_minutes|quantity|timestamp)$/i
