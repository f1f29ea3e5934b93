import { CALLERS } from '../model/call.ts'
import { parseJson } from '../model/delivery.ts'
import { platformOf } from '../platforms/platform.ts'
import type { OperateRoom } from './operate.ts'
import type { KeptBody } from './schemas/request.ts'
import type { Shown } from './shown.ts'

/** What is longer is of no use on a page. */
const MOST_MASKED_BYTES = 256 * 1024

interface KeptRequest {
  connection_id: string
  headers: string
  query: string
  body: Uint8Array
}

/** The request itself, as far as it may be shown. @param kept whether its body still is */
export function requestOf(
  row: KeptRequest,
  { connections, platforms }: Pick<OperateRoom, 'connections' | 'platforms'>,
  shown: Shown,
  { accepted, kept }: { accepted: boolean; kept: boolean }
) {
  const connection = connections.find(each => each.id === row.connection_id)
  const headers: Record<string, string> = JSON.parse(row.headers)
  const verification = connection && platformOf(platforms, connection)?.verification
  const evidence = verification?.evidence ?? []
  return {
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, shown.key(value)])),
    query: shown.json(JSON.parse(row.query)) as Record<string, string[]>,
    verification: {
      accepted,
      by: row.connection_id === CALLERS ? 'an API key' : (verification?.description ?? null),
      evidence: evidence.filter(name => headers[name] !== undefined)
    },
    body: bodyOf(row.body, kept, shown)
  }
}

function bodyOf(body: Uint8Array, isKept: boolean, shown: Shown): KeptBody {
  const text = shown.isRevealed && isKept ? textOf(body) : null
  return {
    bytes: body.byteLength,
    kept: isKept,
    masked: isKept && !shown.isRevealed ? maskedBody(body, shown) : null,
    text,
    base64: shown.isRevealed && isKept && text === null ? Buffer.from(body).toString('base64') : null
  }
}

function maskedBody(body: Uint8Array, shown: Shown): unknown {
  if (body.byteLength > MOST_MASKED_BYTES) return null
  try {
    return shown.json(parseJson(body))
  } catch {
    return null
  }
}

function textOf(body: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return null
  }
}
