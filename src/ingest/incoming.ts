import type { FastifyRequest } from 'fastify'
import type { Incoming } from '../model/delivery.ts'

export interface WebhookRequest {
  Params: { platform: string; connectionId: string; token?: string }
  /** Also of a request that has none: empty. */
  Body: Uint8Array
}

/** A request as its platform sent it. @param contentType what the sender calls its body */
export function incomingOf(
  request: FastifyRequest<WebhookRequest>,
  connectionId: string,
  receivedAt: number,
  contentType: string | undefined
): Incoming {
  // Without a prototype, so that a name such as __proto__ is a name. Loops, because every request passes here.
  const headers: Record<string, string> = Object.create(null)
  for (const name in request.raw.headers) {
    const value = request.raw.headers[name]
    if (value !== undefined) headers[name] = typeof value === 'string' ? value : value.join(', ')
  }
  if (contentType === undefined) delete headers['content-type']
  else headers['content-type'] = contentType
  const query: Record<string, string[]> = Object.create(null)
  const given = request.query as Record<string, string | string[]>
  for (const name in given) query[name] = [given[name] as string | string[]].flat()
  return {
    connectionId,
    receivedAt,
    headers,
    query,
    token: request.params.token,
    remoteAddress: request.ip,
    body: request.body
  }
}
