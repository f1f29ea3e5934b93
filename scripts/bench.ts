import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchBacklog } from './bench/backlog.ts'
import { benchBigTable } from './bench/big-table.ts'
import { benchIngest } from './bench/ingest.ts'
import { benchPages } from './bench/pages.ts'
import { SIGNING_SECRET } from './bench/requests.ts'

// npm run bench                  requests that are taken in
// npm run bench -- backlog       an inbox that has grown while Seam was away
// npm run bench -- big-table     requests that are taken in, with very many deliveries in the store
// npm run bench -- pages         what the dashboard asks, with many deliveries in the store
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    requests: { type: 'string', default: '20000' },
    connections: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '3' },
    bytes: { type: 'string', default: '2048' },
    changes: { type: 'string', default: '200000' },
    customers: { type: 'string', default: '1000' },
    deliveries: { type: 'string' }
  }
})
const [what = 'ingest'] = positionals
const number = (name: keyof typeof values) => Number(values[name])
const many = (unless: number) => Number(values.deliveries ?? unless)

const dir = mkdtempSync(join(tmpdir(), 'seam-relay-bench-'))
const ingest = {
  dir,
  requests: number('requests'),
  connections: number('connections'),
  rounds: number('rounds'),
  bytes: number('bytes')
}
try {
  writeFileSync(
    join(dir, 'connections.yaml'),
    `connections:\n  - { id: bench, platform: hospitable, customer_key: bench, secrets: { signing_secret: ${SIGNING_SECRET} } }\n`
  )
  if (what === 'ingest') await benchIngest(ingest)
  else if (what === 'backlog')
    await benchBacklog({ dir, changes: number('changes'), customers: number('customers') })
  else if (what === 'big-table') await benchBigTable({ ...ingest, deliveries: many(10_000_000) })
  else if (what === 'pages') await benchPages({ dir, deliveries: many(1_000_000) })
  else throw new TypeError(`there is no bench ${what}; there are ingest, backlog, big-table and pages`)
} finally {
  rmSync(dir, { recursive: true })
}
