import { loadConfig } from '../config.ts'
import { openStore } from '../store/store.ts'

export interface MigrateCommand {
  env: NodeJS.ProcessEnv
  say(line: string): void
}

/** Brings the store up to date. Starting the relay does the same, unless RELAY_MIGRATE is never. */
export async function migrate({ env, say }: MigrateCommand): Promise<number> {
  const config = loadConfig(env)
  const store = await openStore(config.databaseUrl, { ...config, migrate: 'start' })
  await store.close()
  say('The store is up to date.')
  return 0
}
