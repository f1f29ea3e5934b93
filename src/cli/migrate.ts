import { loadConfig } from '../config.ts'
import { openStore } from '../store/store.ts'

export interface MigrateCommand {
  env: NodeJS.ProcessEnv
  say(line: string): void
}

/** Brings the store up to date, and tells what that took. Starting the relay does the same, unless RELAY_MIGRATE is never. */
export async function migrate({ env, say }: MigrateCommand): Promise<number> {
  const config = loadConfig(env)
  let made = 0
  const onMigrated = (name: string) => {
    made += 1
    say(`  ${name}`)
  }
  const store = await openStore(config.databaseUrl, { ...config, migrate: 'start', onMigrated })
  await store.close()
  say(made === 0 ? 'The store was up to date.' : 'The store is up to date.')
  return 0
}
