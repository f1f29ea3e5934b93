import { execFile } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Account, packagedBinaries, runnableBinaries, serverAccount } from './binaries.ts'
import { launch, type Postmaster } from './postmaster.ts'

export interface ClusterOptions {
  /** What is committed is on disk, as in earnest. Otherwise the disk is never waited for. */
  durable?: boolean
  /** PostgreSQL's own settings, by name. */
  settings?: Record<string, string>
}

/** One PostgreSQL server and its data, as the process sees it that keeps it; server.ts tells what each of these does. */
export interface Cluster {
  url: string
  start(): Promise<void>
  kill(): Promise<void>
  pause(): Promise<void>
  resume(): Promise<void>
  stopGently(): Promise<void>
  remove(): Promise<void>
}

const run = promisify(execFile)
const ALWAYS = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '300' }
const HASTE = { fsync: 'off', full_page_writes: 'off' }
const PORT_TRIES = 5

/** A server with empty data that takes connections. */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const account = await serverAccount()
  const folder = await scratchFolder(account)
  // The machine has no say in languages and time zones, and the account is shown nothing of what else is in the environment.
  const { PATH, SystemRoot } = process.env
  const spawned = { cwd: folder, env: { PATH, SystemRoot, LC_ALL: 'C', TZ: 'UTC' }, ...account }
  const data = join(folder, 'data')
  const password = randomBytes(12).toString('hex')
  const settings = { ...ALWAYS, ...(options.durable ? {} : HASTE), ...options.settings }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])

  let native = ''
  let port = 0
  let server: Postmaster | undefined
  try {
    native = await runnableBinaries(packagedBinaries(), folder, account)
    await initialise()
    await startSomewhere()
  } catch (error) {
    await remove()
    throw error
  }
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    start,
    remove,
    async kill() {
      await server?.kill()
    },
    async pause() {
      server?.pause()
    },
    async resume() {
      server?.resume()
    },
    async stopGently() {
      await server?.stop('SIGINT')
    }
  }

  async function initialise() {
    const passwordFile = join(folder, 'password')
    writeFileSync(passwordFile, password, { mode: 0o600 })
    if (account) chownSync(passwordFile, account.uid, account.gid)
    const access = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`]
    const kind = ['--encoding=UTF8', '--locale=C', '--set=scram_iterations=1', '--no-sync']
    await run(join(native, 'bin/initdb'), [`--pgdata=${data}`, ...access, ...kind], spawned)
  }

  async function start() {
    if (server && !server.isGone()) return
    // Left by a server that was killed. All its processes are gone, but its number may be somebody else's by now.
    rmSync(join(data, 'postmaster.pid'), { force: true })
    server = await launch(join(native, 'bin/postgres'), ['-D', data, '-p', String(port), ...flags], spawned)
  }

  async function startSomewhere() {
    for (let tries = 1; ; tries += 1) {
      port = await freePort()
      try {
        return await start()
      } catch (error) {
        if (tries === PORT_TRIES || !/could not bind/.test(String(error))) throw error
      }
    }
  }

  async function remove() {
    // A server that is killed would not give back the memory that its processes share.
    await server?.stop('SIGQUIT')
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** A new folder of the account's, in a place that it can reach. */
async function scratchFolder(account: Account | undefined): Promise<string> {
  const prefix = 'seam-relay-postgres-'
  if (!account) return mkdtempSync(join(tmpdir(), prefix))
  const canEnter = (folder: string) =>
    run('/bin/sh', ['-c', 'cd "$0"', folder], { cwd: '/', ...account }).then(
      () => true,
      () => false
    )
  const folder = mkdtempSync(join((await canEnter(tmpdir())) ? tmpdir() : '/tmp', prefix))
  chownSync(folder, account.uid, account.gid)
  return folder
}

/**
 * Below the range from which systems take ports for outgoing connections (from 32768 on Linux, 49152 elsewhere): while the server is
 * down nobody else is given its port, and no client that tries again and again happens to connect to itself.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 32_000)
    const probe = createServer().listen(port, '127.0.0.1')
    try {
      await once(probe, 'listening')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue
      throw error
    }
    probe.close()
    await once(probe, 'close')
    return port
  }
}
