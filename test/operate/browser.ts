import { request } from 'undici'
import type { TestRelay } from '../open-relay.ts'
import type { Answered } from './operator.ts'

/** What a browser does by itself, and what its user makes it do. */
export interface TestBrowser {
  /** As the relay has set them. */
  cookies: Map<string, string>
  send(
    method: string,
    path: string,
    init?: { headers?: Record<string, string>; body?: unknown }
  ): Promise<Answered>
  /** Signs in, and asks who is signed in. @returns the CSRF token */
  signIn(token: string): Promise<string>
}

const own = { 'sec-fetch-site': 'same-origin' }

/** @param every header of each request */
export function openBrowser(
  { origin }: Pick<TestRelay, 'origin'>,
  every: Record<string, string> = {}
): TestBrowser {
  const cookies = new Map<string, string>()

  async function send(
    method: string,
    path: string,
    { headers = {}, body }: { headers?: Record<string, string>; body?: unknown } = {}
  ): Promise<Answered> {
    const reply = await request(`${origin}${path}`, {
      method: method as 'GET',
      headers: {
        ...(cookies.size > 0 && {
          cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
        }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...own,
        ...every,
        ...headers
      },
      body: body === undefined ? null : JSON.stringify(body)
    })
    for (const set of [reply.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      if (set.includes('Max-Age=0')) cookies.delete(name)
      else cookies.set(name, value)
    }
    const text = await reply.body.text()
    return { status: reply.statusCode, headers: reply.headers, body: text === '' ? {} : JSON.parse(text) }
  }

  return {
    cookies,
    send,
    async signIn(token) {
      await send('POST', '/dashboard/session', { body: { token } })
      return String((await send('GET', '/dashboard/session')).body.csrf)
    }
  }
}
