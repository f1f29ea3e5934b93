import type { FastifyRequest } from 'fastify'

/** Whether a body is declared as JSON, by any of its names, and uncompressed. */
export function isJson({ headers }: FastifyRequest): boolean {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = headers
  if (encoding !== 'identity') return false
  return type === 'application/json' || /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)
}
