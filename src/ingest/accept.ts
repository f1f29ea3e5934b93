import { BlockList, isIP } from 'node:net'
import type { Connection } from '../model/connection.ts'
import type { Incoming } from '../model/delivery.ts'
import type { RejectionCause } from '../model/rejection.ts'
import type { Platform } from '../platforms/platform.ts'
import type { Verdict } from '../platforms/verify.ts'

/**
 * Whether a request may come in; the causes in the order in which they are looked for. The same for a request off the
 * wire and for a kept one that is tried again.
 */
export function refusalOf(
  incoming: Incoming,
  connection: Connection,
  platform: Platform
): RejectionCause | undefined | Promise<RejectionCause | undefined> {
  if (!isAllowed(incoming.remoteAddress, connection.allowFrom)) return 'address_not_allowed'
  const verdict = platform.verification.verify(incoming, connection.secrets)
  const judge = (each: Verdict) => refusalAfter(each, incoming, connection, platform)
  return verdict instanceof Promise ? verdict.then(judge) : judge(verdict)
}

function refusalAfter(
  verdict: Verdict,
  incoming: Incoming,
  connection: Connection,
  platform: Platform
): RejectionCause | undefined {
  if (!verdict.ok) return verdict.cause
  if (!isTaken(incoming.headers['content-type'], incoming.headers['content-encoding'], platform))
    return 'media_type'
  if (platform.isOwn?.(incoming, connection) === false) return 'foreign_account'
  return undefined
}

/** By the list in the settings, which does not change while the relay runs. */
const allowed = new WeakMap<string[], BlockList>()

/** IPv4 addresses that come dressed as IPv6 (`::ffff:…`) are IPv4; what a proxy told and is no address is not allowed. */
function isAllowed(address: string | undefined, ranges: string[]): boolean {
  if (ranges.length === 0) return true
  if (address === undefined || isIP(address) === 0) return false
  const list = allowed.get(ranges) ?? listOf(ranges)
  allowed.set(ranges, list)
  return list.check(address, familyOf(address))
}

function listOf(ranges: string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', bits] = range.split('/')
    if (bits === undefined) list.addAddress(network, familyOf(network))
    else list.addSubnet(network, Number(bits), familyOf(network))
  }
  return list
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}

/** JSON in any of its names, none at all, and what the platform is known to send. */
function isTaken(contentType: string | undefined, encoding: string | undefined, platform: Platform): boolean {
  if (encoding !== undefined && encoding !== 'identity') return false
  // As nearly all send it: taking it apart costs more than the rest of the look.
  if (contentType === 'application/json') return true
  const type = contentType?.split(';')[0]?.trim().toLowerCase()
  if (type === undefined || type === '') return true
  return (
    /^(?:application|text)\/(?:[\w.+-]+\+)?json$/.test(type) || platform.mediaTypes?.includes(type) === true
  )
}
