import { type Cluster, openCluster } from './cluster.ts'
import type { Answer, Order } from './server.ts'

// Keeps a PostgreSQL server for the process that started this one, and outlives that by a moment: however it ends, by a signal that
// nobody can catch too, the channel between the two closes, and then the server is stopped and its files are removed.
const opening = openCluster(JSON.parse(process.argv[2] ?? '{}'))
let last = answer(0, opening)
process.on('message', ({ id, act }: Order) => {
  next(() => answer(id, carryOut(act)))
})
for (const name of ['disconnect', 'SIGINT', 'SIGTERM', 'SIGHUP']) process.once(name, () => next(end))
if (!process.connected) next(end)

/** One thing after the other: nothing is removed under a server that starts. */
function next(step: () => Promise<void>): void {
  last = last.then(step)
}

async function carryOut(act: Order['act']): Promise<Cluster> {
  const cluster = await opening
  await cluster[act]()
  return cluster
}

async function answer(id: number, work: Promise<Cluster>): Promise<void> {
  const told: Answer = await work.then(
    ({ url }) => ({ id, url }),
    error => ({ id, failure: error instanceof Error ? error.message : String(error) })
  )
  // Nobody may be there any more to hear it.
  if (process.connected) process.send?.(told, undefined, undefined, () => undefined)
}

async function end(): Promise<void> {
  const cluster = await opening.catch(() => undefined)
  await cluster?.remove()
  process.exit()
}
