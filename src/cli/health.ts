import { usage } from './usage.ts'

export interface HealthCommand {
  /** Asks /readyz in place of /livez. */
  ready?: boolean | undefined
  /** Where the relay listens; told by HOST and PORT unless given. */
  url?: string | undefined
  env: NodeJS.ProcessEnv
  say(line: string): void
  timeoutMs?: number
}

/** Longer than /readyz waits for the store, shorter than a supervisor waits for this command. */
const TIMEOUT_MS = 3_000

/**
 * Asks the relay of this machine how it does. Supervisors run this every few seconds, beside a relay that needs the
 * processor itself: so it reads two variables and no other settings, and imports next to nothing.
 * @returns the exit code: 1 where it is not well, or does not answer
 * @throws RelayError RELAY_BAD_REQUEST where it cannot be known whom to ask
 */
export async function health(command: HealthCommand): Promise<number> {
  const { ready = false, env, say, timeoutMs = TIMEOUT_MS } = command
  const address = `${command.url?.replace(/\/+$/, '') ?? ownOrigin(env)}${ready ? '/readyz' : '/livez'}`
  try {
    const reply = await fetch(address, { signal: AbortSignal.timeout(timeoutMs), redirect: 'manual' })
    const text = await reply.text()
    say(`${address} answered ${reply.status}${reply.ok ? '' : reasonIn(text)}`)
    return reply.ok ? 0 : 1
  } catch (error) {
    say(`${address} does not answer: ${failure(error, timeoutMs)}`)
    return 1
  }
}

/** The defaults are those of `config/settings.ts`. Behind an address that means all of them, this machine's own is asked. */
function ownOrigin({ HOST, PORT }: NodeJS.ProcessEnv): string {
  const port = PORT || '3000'
  if (Number(port) === 0) throw usage('health: PORT=0 takes any free port; say with --url where it is')
  const host = HOST || '127.0.0.1'
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`
  if (host === '::') return `http://[::1]:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** The relay's own word for it, where it was the relay that answered. */
function reasonIn(text: string): string {
  const [, code] = /"code":"(RELAY_\w+)"/.exec(text) ?? []
  const [, detail] = /"detail":"([^"]+)"/.exec(text) ?? []
  return code === undefined || detail === undefined ? '' : `, ${code}: ${detail}`
}

function failure(error: unknown, timeoutMs: number): string {
  const { name, cause } = Object(error) as Error
  if (name === 'TimeoutError') return `nothing within ${timeoutMs} ms`
  const { code, message: reason } = Object(cause ?? error) as NodeJS.ErrnoException
  return code ?? reason
}
