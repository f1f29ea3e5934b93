import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { checkpointsOf } from '../../src/store/sqlite-checkpoints.ts'
import { eventually } from '../run-relay.ts'

const lengths = { worthIt: 50, long: 100, few: 30, tooLong: 1_000 }

function open(t: Test) {
  const file = `${t.testdir()}/relay.db`
  const database = new DatabaseSync(file)
  database.exec('pragma journal_mode = wal; create table rows (body blob)')
  const checkpoints = checkpointsOf(database, file, lengths)
  const insert = database.prepare('insert into rows (body) values (randomblob(4000))')
  const length = database.prepare('pragma wal_checkpoint(noop)')
  return {
    file,
    /** @returns the length of the log afterwards */
    commit(): number {
      insert.run()
      checkpoints.look()
      return (length.get() as { log: number }).log
    },
    close() {
      checkpoints.close()
      database.close()
    }
  }
}

/** How long a file may become by what this process writes, bytes: as if there were no room for more. */
function limitFiles(bytes: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', `${process.pid}`, `--fsize=${bytes}:`])
}

function firstPageOf(file: string): Buffer {
  return readFileSync(file).subarray(0, 4096)
}

function rowsIn(file: string): number {
  const database = new DatabaseSync(file)
  const { count } = database.prepare('select count(*) as count from rows').get() as { count: number }
  database.close()
  return count
}

t.test('the log is brought into the file while commits go on, and begins anew', async t => {
  const { file, commit, close } = open(t)
  let longest = 0
  let beginnings = 0
  for (let commits = 0, before = 0; commits < 5_000; commits += 1) {
    const now = commit()
    if (now < before) beginnings += 1
    longest = Math.max(longest, now)
    before = now
  }
  t.ok(beginnings > 0, `${beginnings} times`)
  t.ok(longest < 5_000, `it had ${longest} pages at most`)
  close()
  t.notOk(existsSync(`${file}-wal`), 'whoever closes it last takes the log away')
  t.equal(rowsIn(file), 5_000)
})

t.test('a reader that does not end holds the log up, and no commit', async t => {
  const { file, commit, close } = open(t)
  commit()
  const reader = new DatabaseSync(file)
  reader.exec('begin; select count(*) from rows')
  let longest = 0
  for (let commits = 1; commits < 2_000; commits += 1) longest = Math.max(longest, commit())
  t.ok(longest > lengths.tooLong)
  reader.exec('commit')
  reader.close()
  let now = longest
  for (let commits = 0; commits < 100; commits += 1) now = commit()
  t.ok(now < longest, 'then it begins anew')
  close()
  t.equal(rowsIn(file), 2_100)
})

t.test(
  'a disk that takes no more of the file holds the log up, and no commit, until it does again',
  { skip: spawnSync('prlimit', ['--version']).error !== undefined && 'prlimit of util-linux is not there' },
  async t => {
    const { file, commit, close } = open(t)
    const other = new DatabaseSync(file)
    other.exec('insert into rows (body) values (zeroblob(8000000)); pragma wal_checkpoint(truncate)')
    other.close()
    const full = statSync(file).size
    // Who listens to the signal is told by the system's answer instead.
    const listener = () => undefined
    process.on('SIGXFSZ', listener)
    limitFiles(full)
    t.teardown(() => {
      limitFiles('unlimited')
      process.off('SIGXFSZ', listener)
    })
    let committed = 1
    let length = 0
    const commitNext = () => {
      length = commit()
      committed += 1
    }
    // The first page is there already, and is written before what is refused.
    const commitUntilTried = async () => {
      const before = firstPageOf(file)
      await eventually(async () => {
        commitNext()
        return firstPageOf(file).equals(before) ? undefined : true
      }, 'a checkpoint')
    }
    // Who tries again has not ended with what was refused.
    for (let times = 0; times < 3; times += 1) await commitUntilTried()
    for (let commits = 0; commits < lengths.long; commits += 1) commitNext()
    t.equal(statSync(file).size, full)
    t.ok(length > lengths.long)

    limitFiles('unlimited')
    const longest = length
    await eventually(async () => {
      commitNext()
      return length < longest ? true : undefined
    }, 'the log to begin anew')
    close()
    t.equal(rowsIn(file), committed)
  }
)

t.test('where hardly anything is committed, there is no thread to be ended', async t => {
  const { file, commit, close } = open(t)
  commit()
  close()
  t.equal(rowsIn(file), 1)
})

t.test('a file that cannot be read fails no commit', async t => {
  const file = `${t.testdir()}/relay.db`
  const database = new DatabaseSync(file)
  database.exec('pragma journal_mode = wal')
  const checkpoints = checkpointsOf(database, file)
  database.close()
  t.doesNotThrow(() => checkpoints.look())
})
