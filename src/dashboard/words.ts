import type { RejectionCause } from '../operate/schemas/rejected.ts'

/** What the API names in a word, for people. Every state has a sign and a word: nothing is told by colour alone. */

export type Tone = 'ok' | 'wait' | 'warn' | 'bad' | 'accent'
export type Sign = 'check' | 'clock' | 'pause' | 'cross' | 'minus' | 'change' | 'late' | 'alert'

export interface Saying {
  word: string
  tone: Tone
  sign: Sign
}

export const deliveryStates: Record<string, Saying> = {
  received: { word: 'Waiting', tone: 'wait', sign: 'clock' },
  held: { word: 'Held', tone: 'warn', sign: 'pause' },
  translated: { word: 'Taken in', tone: 'ok', sign: 'check' },
  ignored: { word: 'Ignored', tone: 'wait', sign: 'minus' },
  dead: { word: 'Dead', tone: 'bad', sign: 'cross' }
}

export const resourceStates: Record<string, Saying> = {
  synced: { word: 'At Seam', tone: 'ok', sign: 'check' },
  waiting: { word: 'On the way', tone: 'accent', sign: 'clock' },
  held: { word: 'Held', tone: 'warn', sign: 'pause' },
  refused: { word: 'Refused', tone: 'bad', sign: 'cross' },
  gone: { word: 'Gone', tone: 'wait', sign: 'minus' }
}

export const outcomes: Record<string, Saying> = {
  changed: { word: 'Changed it', tone: 'ok', sign: 'change' },
  unchanged: { word: 'Changed nothing', tone: 'wait', sign: 'minus' },
  stale: { word: 'Came too late', tone: 'wait', sign: 'late' },
  held: { word: 'Held', tone: 'warn', sign: 'pause' }
}

export const jobStates: Record<string, Saying> = {
  running: { word: 'Running', tone: 'accent', sign: 'clock' },
  done: { word: 'Done', tone: 'ok', sign: 'check' },
  cancelled: { word: 'Cancelled', tone: 'wait', sign: 'minus' },
  failed: { word: 'Failed', tone: 'bad', sign: 'cross' }
}

export const workspaceStates: Record<string, Saying> = {
  works: { word: 'Works', tone: 'ok', sign: 'check' },
  waits: { word: 'Waits', tone: 'warn', sign: 'pause' },
  stopped: { word: 'Stopped', tone: 'bad', sign: 'cross' }
}

/** What rests until somebody resumes it. */
export const paused: Saying = { word: 'Paused', tone: 'warn', sign: 'pause' }

export const effects: Record<string, Saying> = {
  push: { word: 'Push', tone: 'ok', sign: 'change' },
  delete: { word: 'Delete', tone: 'bad', sign: 'cross' },
  hold: { word: 'Hold', tone: 'warn', sign: 'pause' },
  none: { word: 'Nothing', tone: 'wait', sign: 'minus' }
}

/** Who told something that no delivery tells of. */
export const notKept = 'The platform’s API, or a webhook that is no longer kept'

/** What is not known here is shown as it came. */
export function sayingOf(sayings: Record<string, Saying>, word: string): Saying {
  return sayings[word] ?? { word, tone: 'wait', sign: 'minus' }
}

/** How Seam answered. */
export function statusSaying(status: number | null, error: string | null): Saying {
  if (error === null) return { word: String(status ?? 'Taken'), tone: 'ok', sign: 'check' }
  return { word: status === null ? 'No answer' : String(status), tone: 'bad', sign: 'cross' }
}

interface Rejection {
  because: string
  remedy: string
}

const rejections: Record<RejectionCause, Rejection> = {
  unknown_connection: {
    because: 'the address names no connection',
    remedy: 'Compare the address entered at the platform with the one of the connection.'
  },
  address_not_allowed: {
    because: 'the sender’s address is not in allow_from',
    remedy: 'Add the platform’s address range to allow_from, or remove allow_from.'
  },
  signature_missing: {
    because: 'the signature is missing',
    remedy: 'Turn on signing at the platform, and check that a proxy passes the header on.'
  },
  signature_malformed: {
    because: 'the signature cannot be read',
    remedy: 'Check that a proxy passes the header on unchanged.'
  },
  signature_wrong: {
    because: 'the signature is wrong',
    remedy: 'Copy the signing secret from the platform again; during a change list the old and the new one.'
  },
  timestamp_outside_tolerance: {
    because: 'the time in the signature is too far from now',
    remedy: 'Check the clock of the relay’s machine, and of proxies that keep requests.'
  },
  credentials_missing: {
    because: 'user name and password, or the token, are missing',
    remedy: 'Enter the credentials with the webhook at the platform.'
  },
  credentials_wrong: {
    because: 'user name and password, or the token, are wrong',
    remedy: 'Make the credentials at the platform and in the connections file the same.'
  },
  foreign_account: {
    because: 'it belongs to another account',
    remedy: 'The webhook belongs to another account: give that account a connection of its own.'
  },
  body_too_large: {
    because: 'the body is too large',
    remedy: 'Raise RELAY_MAX_BODY_BYTES if these are genuine.'
  },
  media_type: {
    because: 'the content type is not accepted',
    remedy: 'Let the platform send application/json.'
  }
}

/** Undefined for one that only another release knows. */
function rejectionOf(cause: string): Rejection | undefined {
  return (rejections as Record<string, Rejection>)[cause]
}

/** Why a request was not taken in. */
export function causeInWords(cause: string): string {
  return rejectionOf(cause)?.because ?? cause.replaceAll('_', ' ')
}

/** What to do about it. */
export function remedyOf(cause: string): string {
  return rejectionOf(cause)?.remedy ?? 'docs/errors.md says what to do about it.'
}

/** `property_listing` → `Property listing` */
export function kindInWords(kind: string): string {
  const words = kind.replaceAll('_', ' ')
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

interface Standing {
  state: string
  reason: string | null
}

/** Where a resource stands, in a sentence. */
export function standing({ state, reason }: Standing): string {
  const why = reason === null ? '' : ` ${sentence(reason)}`
  switch (state) {
    case 'synced':
      return 'Seam has it as it should be.'
    case 'waiting':
      return `It is on its way to Seam.${why}`
    case 'held':
      return `It is held back.${why || ' Something is missing.'}`
    case 'refused':
      return `Seam refused it.${why}`
    case 'gone':
      return `Seam does not hold it, and should not.${why}`
    default:
      return `${state}.${why}`
  }
}

/** What a stopped workspace asks of whoever looks; `seam-relay status` says the same. */
export const HOW_TO_MEND = 'Correct its key or its endpoint in the settings and restart the relay.'

/** With a capital and a full stop. */
export function sentence(text: string): string {
  const trimmed = text.trim()
  const capital = `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}`
  return /[.!?…]$/.test(capital) ? capital : `${capital}.`
}
