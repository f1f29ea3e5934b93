import type { Worker } from 'node:worker_threads'
import type { Test } from 'tap'
import type { Request } from '../../src/store/sqlite-worker.ts'

export interface Threads {
  /** The store's threads started since. */
  workers: Worker[]
  /** Everything they were asked. */
  asked: Request[]
}

/** Watches the threads of stores that are opened from now on until the test ends. */
export function watchThreads(t: Test): Threads {
  const threads: Threads = { workers: [], asked: [] }
  const watch = (worker: Worker) => {
    threads.workers.push(worker)
    const post = worker.postMessage.bind(worker)
    worker.postMessage = (request: Request) => {
      threads.asked.push(request)
      post(request)
    }
  }
  process.on('worker', watch)
  t.teardown(() => void process.off('worker', watch))
  return threads
}
