import { platforms } from '../platforms/registry.ts'
import { startSandbox } from '../sandbox/standalone.ts'

export interface SandboxCommand {
  host: string
  port: number
  file?: string | undefined
  key: string[]
  say(line: string): void
  signalled: Promise<NodeJS.Signals>
}

/** The stand-in for Seam as a process of its own. @throws where the address is taken */
export async function sandboxAlone(command: SandboxCommand): Promise<number> {
  const { host, port, file, key, say, signalled } = command
  const { address, close } = await startSandbox({
    host,
    port,
    apiKeys: key,
    stateFile: file,
    platforms
  })
  say(`The sandbox listens on ${address}; a relay sends to it with`)
  say(`  SEAM_ENDPOINT=${address} SEAM_API_KEY=${key[0]}`)
  say(`What it holds: ${address}/sandbox/state`)
  await signalled
  await close()
  return 0
}
