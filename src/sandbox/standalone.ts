import fastify from 'fastify'
import { type SandboxOptions, sandbox } from './sandbox.ts'

export interface StartSandboxOptions extends Omit<SandboxOptions, 'seamPrefix'> {
  /** 127.0.0.1 unless told otherwise: callers are not authenticated. */
  host?: string
  /** 0 lets the system choose. */
  port: number
}

export interface RunningSandbox {
  /** Origin without a slash at its end; also what `SEAM_ENDPOINT` is set to. */
  address: string
  close(): Promise<void>
}

/** The sandbox as a server of its own. @throws where the address is taken */
export async function startSandbox(options: StartSandboxOptions): Promise<RunningSandbox> {
  const { host = '127.0.0.1', port, ...rest } = options
  const app = fastify({ forceCloseConnections: true })
  await app.register(sandbox, { ...rest, seamPrefix: '' })
  const address = await app.listen({ host, port })
  return { address, close: () => app.close() }
}
