import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Platform } from '../platforms/platform.ts'
import { BehaviourSwitch } from './behaviour.ts'
import { control } from './control.ts'
import { SandboxMemory } from './memory.ts'
import { type Account, platformApis } from './platform-apis.ts'
import { seamCalls } from './seam-calls.ts'
import { openStorage } from './storage.ts'

export interface SandboxOptions {
  /** What stands before `/customers/push_data`: empty for a server of its own, `/sandbox` inside the relay. */
  seamPrefix: string
  /** Each opens a workspace of its own. */
  apiKeys: string[]
  /** An SQLite file that keeps everything answered, even through `kill -9`. Without it the state ends with the process. */
  stateFile?: string | undefined
  /** Whose APIs are played under `/sandbox/platforms/<name>/`. */
  platforms: Record<string, Pick<Platform, 'standIn'>>
  /** The `api` settings a platform's stand-in is to expect; none unless given. */
  settingsOf?(platform: string): Record<string, string>
  /** Whose platform is played under `/sandbox/connections/<id>/`, which expects that account's settings; nobody's unless given. */
  accountOf?(connectionId: string): Account | undefined
  /** How much of the newest calls is kept to be looked at. */
  keptCalls?: { calls: number; bytes: number }
  random?: () => number
  now?: () => number
}

/**
 * A stand-in for Seam: refuses what the contract refuses, keeps state that can be looked at, and misbehaves when told.
 * It also plays the platforms' APIs. Registered without a prefix; its own routes are below `/sandbox`. What Seam's
 * documents leave open is decided in `state.ts` and `access.ts` and said there.
 */
export const sandbox: FastifyPluginAsyncTypebox<SandboxOptions> = async (app, options) => {
  const { seamPrefix, apiKeys, platforms, random = Math.random, now = Date.now } = options
  const { settingsOf = () => ({}), accountOf = () => undefined } = options
  const storage = openStorage(options.stateFile)
  const memory = new SandboxMemory(storage, options.keptCalls ?? { calls: 1_000, bytes: 16_000_000 })
  const behaviour = new BehaviourSwitch(random)

  app.addHook('onClose', async () => storage.close())
  app.register(seamCalls, { seamPrefix, apiKeys, memory, behaviour, now })
  app.register(control, { memory, behaviour })
  app.register(platformApis, { platforms, settingsOf, accountOf, storage })
}
