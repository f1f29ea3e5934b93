import { BlockList, isIPv6 } from 'node:net'
import type { Connection } from '../model/connection.ts'
import type { Incoming } from '../model/delivery.ts'
import type { Platform } from '../platforms/platform.ts'
import type { RejectionCause } from '../platforms/verify.ts'

/**
 * Whether a request may come in; the causes in the order in which they are looked for. The same for a request off the
 * wire and for a kept one that is tried again.
 */
export async function refusalOf(
  incoming: Incoming,
  connection: Connection,
  platform: Platform
): Promise<RejectionCause | undefined> {
  if (!isAllowed(incoming.remoteAddress, connection.allowFrom)) return 'address_not_allowed'
  const verdict = await platform.verification.verify(incoming, connection.secrets)
  if (!verdict.ok) return verdict.cause
  if (!isTaken(incoming.headers['content-type'], incoming.headers['content-encoding'], platform)) return 'media_type'
  if (platform.isOwn?.(incoming, connection) === false) return 'foreign_account'
  return undefined
}

function isAllowed(address: string | undefined, ranges: string[]): boolean {
  if (ranges.length === 0) return true
  if (address === undefined) return false
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', bits] = range.split('/')
    const family = isIPv6(network) ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(network, family)
    else list.addSubnet(network, Number(bits), family)
  }
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

/** JSON in any of its names, none at all, and what the platform is known to send. */
function isTaken(contentType: string | undefined, encoding: string | undefined, platform: Platform): boolean {
  if (encoding !== undefined && encoding !== 'identity') return false
  const type = contentType?.split(';')[0]?.trim().toLowerCase()
  if (type === undefined || type === '') return true
  return /^(?:application|text)\/(?:[\w.+-]+\+)?json$/.test(type) || platform.mediaTypes?.includes(type) === true
}
