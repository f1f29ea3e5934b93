import type { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { beside } from './beside.ts'

/** What the thread is started with. */
export interface CheckpointerData {
  path: string
  /** One of the states below; what asks and what is asked wait for each other with it. */
  state: Int32Array<SharedArrayBuffer>
}

export const RESTS = 0
export const ASKED = 1
const ENDS = 2
export const ENDED = 3

/** Lengths of the log, in pages. */
export interface LogLengths {
  /** What is worth a checkpoint. */
  worthIt: number
  /** Where the log is to begin anew, which it does with the first commit that finds all of it in the file. */
  long: number
  /** What the committing thread brings into the file itself, so that nothing is left: some milliseconds. */
  few: number
  /** Beyond that nothing is waited for: not for a reader that does not end, nor for a disk that is slower than the commits. */
  tooLong: number
}

/** 32, 64, 3 and 320 MiB. */
const ordinary: LogLengths = { worthIt: 4_000, long: 8_000, few: 400, tooLong: 40_000 }
const END_MS = 5_000

export interface Checkpoints {
  /** To be called after each commit, which it never fails. */
  look(): void
  /** Before the database is closed: whoever closes it last takes the log away. */
  close(): void
}

/**
 * Brings what was committed from the log into the file, on a thread of its own, as SQLite would otherwise do within a commit:
 * of a large store that is thousands of pages all over the file, and up to 0.2 s in which nobody is answered.
 */
export function checkpointsOf(database: DatabaseSync, path: string, lengths = ordinary): Checkpoints {
  /* c8 ignore next -- needs another Node */
  if (!canTellLength(process.versions.sqlite)) return withinCommits(database, lengths)
  database.exec('pragma wal_autocheckpoint = 0')
  const log = database.prepare('pragma wal_checkpoint(noop)')
  const state = new Int32Array(new SharedArrayBuffer(4))
  let thread: Worker | undefined

  function ask(): void {
    thread ??= start({ path, state })
    Atomics.store(state, 0, ASKED)
    Atomics.notify(state, 0)
  }

  function look(): void {
    const { log: pages, checkpointed } = log.get() as { log: number; checkpointed: number }
    const left = pages - checkpointed
    const rests = Atomics.load(state, 0) === RESTS
    if (pages > lengths.tooLong || (rests && pages > lengths.long && left <= lengths.few)) {
      database.prepare('pragma wal_checkpoint(passive)').all()
    } else if (rests && left > (pages > lengths.long ? lengths.few : lengths.worthIt)) {
      ask()
    }
  }

  return {
    look() {
      try {
        look()
      } catch {
        // What was committed is on disk, and stays in the log. A disk that refuses is met by the next commit, which tells.
      }
    },
    close() {
      if (thread === undefined) return
      Atomics.store(state, 0, ENDS)
      Atomics.notify(state, 0)
      Atomics.wait(state, 0, ENDS, END_MS)
    }
  }
}

/** SQLite before 3.51 does a checkpoint where it is asked for the length of the log. */
function canTellLength(version = '0.0'): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 3 || (major === 3 && minor >= 51)
}

/* c8 ignore next 4 -- needs another Node */
function withinCommits(database: DatabaseSync, { worthIt }: LogLengths): Checkpoints {
  database.exec(`pragma wal_autocheckpoint = ${worthIt}`)
  return { look: () => undefined, close: () => undefined }
}

function start(workerData: CheckpointerData): Worker {
  const file = beside(import.meta.url, 'sqlite-checkpointer')
  const thread = new Worker(file, { workerData, name: 'sqlite-checkpointer' })
  // One that is gone is missed by nobody: the log becomes too long, and is brought into the file without it.
  thread.on('error', () => undefined)
  thread.unref()
  return thread
}
