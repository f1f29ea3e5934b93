import { Agent, type Dispatcher, request } from 'undici'
import { lookUp, readText } from '../../config/environment.ts'
import { RelayError, reasonOf } from '../../errors.ts'
import { usage } from '../usage.ts'
import { API, type Asked, answerIn, type OperatorClient, queryOf } from './client.ts'

export interface HttpOptions {
  url: string
  /** Holds the token; RELAY_ADMIN_TOKEN does where it is not given. */
  tokenFile?: string | undefined
  env: NodeJS.ProcessEnv
}

/** A plan looks at many deliveries. */
const ANSWER_WITHIN_MS = 120_000

/**
 * A relay elsewhere, over HTTP.
 * @throws RelayError RELAY_BAD_REQUEST where there is no token, or no address
 */
export function operatorOverHttp(options: HttpOptions): OperatorClient {
  const origin = originIn(options.url)
  const authorization = `Bearer ${tokenOf(options)}`
  const agent = new Agent({ headersTimeout: ANSWER_WITHIN_MS })

  async function send(
    method: Dispatcher.HttpMethod,
    path: string,
    { query, body }: Asked,
    headers: Record<string, string>
  ) {
    return reach(`${API}${path}${queryOf(query)}`, {
      method,
      headers: {
        authorization,
        ...headers,
        ...(body !== undefined && { 'content-type': 'application/json' })
      },
      ...(body !== undefined && { body: JSON.stringify(body) })
    })
  }

  async function reach(
    path: string,
    options: Pick<Dispatcher.RequestOptions, 'method' | 'headers' | 'body'>
  ) {
    try {
      return await request(`${origin}${path}`, { ...options, dispatcher: agent })
    } catch (cause) {
      throw new RelayError(
        'RELAY_NOT_FOUND',
        `nothing answers at ${origin} (${reasonOf(cause)}); say with --url where the relay listens`,
        { cause }
      )
    }
  }

  return {
    async ask(method, path, asked = {}) {
      const reply = await send(method, path, asked, {})
      return answerIn(reply.statusCode, await reply.body.text(), origin)
    },
    async turnsAway() {
      const reply = await reach('/readyz', { method: 'GET' })
      const problem = (await reply.body.json().catch(() => undefined)) as { code?: unknown } | undefined
      return reply.statusCode === 503 ? `${problem?.code ?? 503}` : undefined
    },
    async listen(path, { lastEventId, ...asked } = {}) {
      const reply = await send('GET', path, asked, {
        accept: 'text/event-stream',
        ...(lastEventId !== undefined && { 'last-event-id': lastEventId })
      })
      if (reply.statusCode !== 200) answerIn(reply.statusCode, await reply.body.text(), origin)
      return reply.body
    },
    close: () => agent.destroy()
  }
}

/** @throws RelayError RELAY_BAD_REQUEST; what was given may hold a password and is not shown */
function originIn(url: string): string {
  const { protocol = '', username, password, href = '' } = URL.parse(url) ?? {}
  if (/^https?:$/.test(protocol) && !username && !password)
    return href.replace(/[?#].*$/, '').replace(/\/+$/, '')
  throw usage('--url must be the origin of a relay, such as https://relay.example.com')
}

function tokenOf({ tokenFile, env }: HttpOptions): string {
  if (tokenFile === undefined) {
    const { value, problem } = lookUp(env, 'RELAY_ADMIN_TOKEN', readText)
    if (problem !== undefined) throw usage(`RELAY_ADMIN_TOKEN ${problem}`)
    if (value !== undefined) return sound(value, 'RELAY_ADMIN_TOKEN')
    throw usage(
      'with --url a token is needed: set RELAY_ADMIN_TOKEN, or name a file that holds it with --token-file; a key with the scope operate will do'
    )
  }
  let content: string
  try {
    content = readText(tokenFile).trim()
  } catch (cause) {
    throw usage(`--token-file cannot be read (${reasonOf(cause)}); check the path and its permissions`)
  }
  return sound(content, 'the file of --token-file')
}

/** What is none would be told of in the words of a header. */
function sound(token: string, where: string): string {
  if (/^[!-~]+$/.test(token)) return token
  throw usage(`${where} must be a token: letters, digits and signs without white space`)
}
