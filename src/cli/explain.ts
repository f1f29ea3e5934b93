import { RelayError } from '../errors.ts'
import { EXIT_CONFIG } from './check.ts'

/** An error as its reader needs it: what to do, and no stack unless the log is asked for details. */
export function explain(error: unknown, env: NodeJS.ProcessEnv): { text: string; exitCode: number } {
  if (error instanceof RelayError) return explainOwn(error)
  const { syscall } = Object(error) as NodeJS.ErrnoException
  if (syscall === 'listen' || syscall === 'getaddrinfo') {
    return { text: `seam-relay: cannot listen on ${listenTrouble(error as ListenError)}\n`, exitCode: 1 }
  }
  const details = env.LOG_LEVEL === 'debug' || env.LOG_LEVEL === 'trace'
  if (details && error instanceof Error) return { text: `seam-relay: ${error.stack}\n`, exitCode: 1 }
  const [line] = String(error).split('\n')
  return { text: `seam-relay: unexpected ${line} (LOG_LEVEL=debug shows where)\n`, exitCode: 1 }
}

function explainOwn({ code, message }: RelayError): { text: string; exitCode: number } {
  if (code === 'RELAY_CONFIG_INVALID') {
    const lines = message.split('\n').map(line => `  ${line}\n`)
    return { text: `seam-relay: wrong settings\n${lines.join('')}`, exitCode: EXIT_CONFIG }
  }
  // A command was asked for what there is not.
  const exitCode = code === 'RELAY_BAD_REQUEST' ? 2 : 1
  return { text: `seam-relay: ${message}\n`, exitCode }
}

interface ListenError extends NodeJS.ErrnoException {
  address?: string
  port?: number
  /** Only where it is not the name of any address. */
  hostname?: string
}

function listenTrouble({ code, address = '', port, hostname }: ListenError): string {
  const host = hostname ?? (address.includes(':') ? `[${address}]` : address)
  const where = port === undefined ? host : `${host}:${port}`
  switch (code) {
    case 'EADDRINUSE':
      return `${where}: the port is in use; stop what listens there, or choose another with PORT (sandbox: --port)`
    case 'EACCES':
      return `${where}: this user may not; choose a port above 1023 with PORT (sandbox: --port)`
    default:
      return `${where}: this machine has no such address (${code}); correct HOST (sandbox: --host)`
  }
}
