import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPostgres, type PostgresServer } from '../test/postgres/server.ts'

// Runs a command beside a PostgreSQL server that lives as long: `node scripts/with-postgres.ts tap test/journey.test.ts`. The command
// finds it under TEST_DATABASE_URL; where that names a server already, none is started.
/**
 * Some hundred processes load the same sources: compiling them once saves a seventh of all processor time. Not where coverage is
 * measured, which would tell of a few branches less.
 */
const compiledOnce = { NODE_COMPILE_CACHE: join(tmpdir(), 'seam-relay-tests-compiled') }
const compilation = process.argv.includes('--disable-coverage') ? compiledOnce : {}

let server: PostgresServer | undefined
try {
  if (!process.env.TEST_DATABASE_URL) server = await openPostgres()
  process.exitCode = await outcomeOf(process.argv.slice(2), server?.url)
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
} finally {
  await server?.close()
}

/** The command's exit code, as a shell tells it. */
async function outcomeOf([program = '', ...args]: string[], url: string | undefined): Promise<number> {
  const command = spawn(program, args, {
    stdio: 'inherit',
    env: { ...compilation, ...process.env, ...(url && { TEST_DATABASE_URL: url }) },
    // Only a shell finds the commands of packages there.
    shell: process.platform === 'win32'
  })
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => command.kill(name))
  const [code, signal] = (await once(command, 'exit')) as [number, null] | [null, NodeJS.Signals]
  return code === null ? 128 + constants.signals[signal] : code
}
