import { openCluster } from './cluster.ts'
import type { Answer, Order } from './server.ts'

// Keeps a PostgreSQL server for the process that started this one, and outlives that by a moment: however it ends, by a signal that
// nobody can catch too, the channel between the two closes, and then the server is stopped and its files are removed.
const opening = openCluster(JSON.parse(process.argv[2] ?? '{}'))
const answer = (told: Answer) => process.connected && process.send?.(told)
const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

process.once('disconnect', end)
if (!process.connected) void end()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, end)
process.on('message', ({ id, act }: Order) => {
  carryOut(act).then(
    () => answer({ id }),
    error => answer({ id, failure: reasonOf(error) })
  )
})
opening.then(
  ({ url }) => answer({ id: 0, url }),
  error => answer({ id: 0, failure: reasonOf(error) })
)

async function carryOut(act: Order['act']): Promise<void> {
  const cluster = await opening
  await cluster[act]()
}

async function end(): Promise<void> {
  const cluster = await opening.catch(() => undefined)
  await cluster?.remove()
  process.exit()
}
