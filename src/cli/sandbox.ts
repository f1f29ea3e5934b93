import { platforms } from '../platforms/registry.ts'
import { startSandbox } from '../sandbox/standalone.ts'

export interface SandboxCommand {
  host: string
  port: string
  file?: string | undefined
  key: string[]
  say(line: string): void
  signalled: Promise<NodeJS.Signals>
}

/** The stand-in for Seam as a process of its own. */
export async function sandboxAlone({ host, port, file, key, say, signalled }: SandboxCommand): Promise<number> {
  const running = await startSandbox({
    host,
    port: Number(port),
    apiKeys: key,
    stateFile: file,
    platforms,
    settingsOf: () => ({})
  })
  say(`Sandbox listens on ${running.address}; give the relay SEAM_ENDPOINT=${running.address} SEAM_API_KEY=${key[0] ?? ''}`)
  say(`What it holds: ${running.address}/sandbox/state`)
  await signalled
  await running.close()
  return 0
}
