import type { RelayError } from '../../errors.ts'
import { type PlatformApi, refused, refusedForNow, unauthorized, unavailable } from '../api.ts'
import { firstText } from '../fields.ts'
import { isMembers } from '../told.ts'

const origin = 'https://api.cloudbeds.com'
export const basePath = '/api/v1.3/'

/**
 * One call of the PMS API; `data` of its answer, undefined where what it asks for is gone. The key is sent as it is:
 * unlike an OAuth token it needs no refreshing, which two at once would spoil for both.
 * @throws RelayError as {@link PlatformApi.request} does, and RELAY_PLATFORM_UNAUTHORIZED or RELAY_PLATFORM_REFUSED
 */
export async function ask(
  api: PlatformApi,
  call: string,
  query: Record<string, string>
): Promise<unknown | undefined> {
  const { status, body } = await api.request({
    method: 'GET',
    origin,
    path: `${basePath}${call}`,
    query,
    headers: { 'x-api-key': api.settings.api_key ?? '' }
  })
  if (status === 404 || status === 410) return undefined
  if (status === 401) throw keyRefused(call, status)
  if (status === 403) throw notAllowed(call, status)
  if (status >= 300) {
    throw refused(`Cloudbeds answered ${status} to ${call}`)
  }
  if (!isMembers(body)) throw unavailable(`Cloudbeds answered ${call} without JSON`)
  if (body.success === false) return failed(call, firstText(body.message) ?? '')
  if (typeof body.data !== 'object' || body.data === null) {
    throw unavailable(`Cloudbeds answered ${call} without data`)
  }
  return body.data
}

/**
 * A failure under status 200 is told in words only. What these do not say for certain may pass: where the key, the
 * property or something that nobody asked for is what was not found, nothing is said of the booking, and nothing may end
 * by it. Only what speaks of the key is about more than this one call.
 */
function failed(call: string, message: string): undefined {
  const [absent, noun = ''] =
    /(?:\b([a-z]+)(?: id)?(?: \d+)?(?: was)? )?(?:not found|(?:does not|doesn['’]t) exist)/i.exec(message) ??
    []
  const isKey = /^(?:key|token)$/i.test(noun)
  const isElsewhere = isKey || (isInProperty(call) && /^(?:property|hotel)$/i.test(noun))
  if (absent !== undefined && !isElsewhere && (noun === '' || namesAsked(call, message))) return undefined
  if (isKey || /api key|token|unauthori[sz]ed/i.test(message)) throw keyRefused(call, 200)
  if (/permission|access|scope/i.test(message)) throw notAllowed(call, 200)
  throw refusedForNow(
    `Cloudbeds answered ${call} with success false: check that api_key in the connection’s api is of the property`
  )
}

/** Whether the words speak of what a call asks for, and not of a page or a method. */
function namesAsked(call: string, message: string): boolean {
  const names = isInProperty(call) ? /\b(?:reservation|booking|guest|room)s?\b/i : /\b(?:property|hotel)s?\b/i
  return names.test(message)
}

/** Whether a call asks for something of a property, and not for the property itself. */
function isInProperty(call: string): boolean {
  return !call.startsWith('getHotel')
}

function keyRefused(call: string, status: number): RelayError {
  return unauthorized(
    `Cloudbeds refused ${call} (status ${status}): check api_key in the connection’s api, and what it may read`
  )
}

/** A key reads some things and not others. What it may not read is tried again by itself, and nothing else waits for it. */
function notAllowed(call: string, status: number): RelayError {
  return refusedForNow(
    `Cloudbeds keeps ${call} from the key (status ${status}): check what api_key in the connection’s api may read`
  )
}
