import { DatabaseSync } from 'node:sqlite'
import { workerData } from 'node:worker_threads'
import { ASKED, type CheckpointerData, ENDED, RESTS } from './sqlite-checkpoints.ts'

/** The thread of {@link checkpointsOf}: brings the log's pages into the file, each time that it is asked. */

const { path, state } = workerData as CheckpointerData
const database = new DatabaseSync(path)
database.exec('pragma synchronous = full')
const checkpoint = database.prepare('pragma wal_checkpoint(passive)')

while (isAsked()) {
  try {
    checkpoint.all()
  } catch {
    // The disk refuses; whoever commits meets the same, and tells. The pages stay in the log.
  }
  // Unless it is to end by now.
  Atomics.compareExchange(state, 0, ASKED, RESTS)
}
database.close()
Atomics.store(state, 0, ENDED)
Atomics.notify(state, 0)

/** Waits until there is something to do. @returns false where it is to end */
function isAsked(): boolean {
  Atomics.wait(state, 0, RESTS)
  return Atomics.load(state, 0) === ASKED
}
