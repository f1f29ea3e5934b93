import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { hashOfKey } from '../model/caller.ts'

/**
 * What tells requests of the dashboard from those that another page made a browser send. Three things stand in the way of
 * those, any of which is enough: the cookie is kept to the relay's own pages, the browser says where a request comes from,
 * and whoever changes something has to send a token that only the relay's own pages can read.
 */

export const SESSION_MS = 12 * 3_600_000

const COOKIE = 'relay_session'
/** Browsers take such a cookie from nobody but this very host, and over https alone. */
const SECURE_COOKIE = `__Host-${COOKIE}`
const SECRET_BYTES = 32
const safe = ['GET', 'HEAD']

export function newSession(): string {
  return randomBytes(SECRET_BYTES).toString('base64url')
}

/** What the browser holds; undefined where it holds nothing. */
export function sessionIn(request: FastifyRequest): string | undefined {
  const held = request.cookies[nameFor(request)]
  return held === undefined || held === '' ? undefined : held
}

/** @param session undefined: the browser is to forget it */
export function handOver(request: FastifyRequest, reply: FastifyReply, session: string | undefined): void {
  reply.setCookie(nameFor(request), session ?? '', {
    httpOnly: true,
    sameSite: 'strict',
    path: '/',
    secure: isSecure(request),
    maxAge: session === undefined ? 0 : SESSION_MS / 1_000
  })
}

/** Through proxies only where RELAY_TRUST_PROXY names them: elsewhere anybody may say so. */
function isSecure(request: FastifyRequest): boolean {
  return request.protocol === 'https'
}

function nameFor(request: FastifyRequest): string {
  return isSecure(request) ? SECURE_COOKIE : COOKIE
}

/** What a page has to send with whatever changes something. */
export function csrfOf(session: string): string {
  return hashOfKey(`csrf ${session}`)
}

/** @param publicUrl RELAY_PUBLIC_URL @returns why a request that carries a session is not taken for the dashboard's */
export function forgeryIn(
  request: FastifyRequest,
  session: string,
  publicUrl: string | undefined
): string | undefined {
  if (safe.includes(request.method)) {
    return isFromElsewhere(request) ? 'This request was made by a page of another site.' : undefined
  }
  const foreign = foreignIn(request, publicUrl)
  if (foreign !== undefined) return foreign
  const sent = request.headers['x-csrf-token']
  // Hashes are compared, so the time tells nothing of the token.
  const isOurs = typeof sent === 'string' && hashOfKey(sent) === hashOfKey(csrfOf(session))
  return isOurs ? undefined : 'Send X-CSRF-Token with what GET /dashboard/session answers as csrf.'
}

/** @returns why a request that changes something is not one of the relay's own pages, or of no page at all */
export function foreignIn(request: FastifyRequest, publicUrl: string | undefined): string | undefined {
  const { origin, 'sec-fetch-site': site } = request.headers
  const isOwn =
    (site === undefined || site === 'same-origin') &&
    (origin === undefined || isOwnOrigin(origin, request.host, publicUrl))
  return isOwn
    ? undefined
    : 'This request comes from a page of another origin. Behind a proxy, set RELAY_PUBLIC_URL to the address in the browser.'
}

function isFromElsewhere(request: FastifyRequest): boolean {
  return ['cross-site', 'same-site'].includes(String(request.headers['sec-fetch-site']))
}

/** The scheme is not compared: what ends TLS before us may not say so. */
function isOwnOrigin(origin: string, host: string, publicUrl: string | undefined): boolean {
  const url = urlIn(origin)
  if (url === undefined) return false
  const own = [urlIn(`${url.protocol}//${host}`), publicUrl === undefined ? undefined : urlIn(publicUrl)]
  return own.some(each => each?.host === url.host)
}

function urlIn(text: string): URL | undefined {
  return URL.parse(text) ?? undefined
}
