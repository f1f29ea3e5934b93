import type { Incoming } from '../../src/model/delivery.ts'
import type { RejectionCause } from '../../src/model/rejection.ts'
import type { Signed } from '../../src/platforms/verify.ts'

export const now = Date.parse('2026-01-01T00:00:00Z')
export const at = { now, id: 'msg_1' }
export const body = Buffer.from('{"id":1}')

export const accepted = { ok: true }

export function rejected(cause: RejectionCause) {
  return { ok: false, cause }
}

export function request(changes: Partial<Incoming> = {}): Incoming {
  return { connectionId: 'demo', receivedAt: now, headers: {}, query: {}, body, ...changes }
}

export function requestSigned(signed: Signed, changes: Partial<Incoming> = {}): Incoming {
  const query = Object.entries(signed.query ?? {}).map(([name, value]) => [name, [value]])
  return request({
    headers: signed.headers ?? {},
    query: Object.fromEntries(query),
    token: signed.token,
    ...changes
  })
}
