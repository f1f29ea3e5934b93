import type { ConnectionReport } from '../../operate/schemas/connections.ts'
import { count, spell } from '../ages.ts'
import { pageOf } from '../links.ts'
import { usePages } from '../load.ts'
import { type Column, List, Table } from '../parts/list.tsx'
import { Mark } from '../parts/mark.tsx'
import { Page } from '../parts/page.tsx'
import { Time } from '../parts/time.tsx'
import { causeInWords, paused, type Saying } from '../words.ts'

/** How a connection does, the worst that is to be said of it. */
export function connectionSaying(each: ConnectionReport): Saying {
  if (each.paused !== null) return paused
  if (each.platform_rest?.refused === true) return { word: 'Not read', tone: 'bad', sign: 'alert' }
  if (each.unusually_silent) return { word: 'Silent', tone: 'bad', sign: 'alert' }
  if (each.accepted_24h === 0 && each.rejected_24h.length > 0) {
    return { word: 'All rejected', tone: 'bad', sign: 'cross' }
  }
  if (each.last_received_at === null) return { word: 'Nothing yet', tone: 'wait', sign: 'minus' }
  return { word: 'Arriving', tone: 'ok', sign: 'check' }
}

const columns: Column<ConnectionReport>[] = [
  {
    head: 'Connection',
    is: 'main',
    cell: row => (
      <>
        <a href={pageOf.connection(row.id)}>{row.id}</a>
        <span class="sub">{row.platform_title}</span>
      </>
    )
  },
  {
    head: 'Status',
    is: 'some',
    cell: row => (
      <>
        <Mark says={connectionSaying(row)} />
        {row.unusually_silent && row.silent_for_seconds !== null && row.expected_silence_seconds !== null && (
          <span class="sub">
            for {spell(row.silent_for_seconds)}; usual is at most {spell(row.expected_silence_seconds)}
          </span>
        )}
      </>
    )
  },
  {
    head: 'Last seen',
    isLabelled: true,
    is: 'narrow',
    cell: row =>
      row.last_received_at === null ? (
        <span class="quiet">never</span>
      ) : (
        <Time at={row.last_received_at} as="age" />
      )
  },
  { head: 'Taken in', isLabelled: true, is: 'number', cell: row => count(row.accepted_24h) },
  {
    head: 'Rejected',
    isLabelled: true,
    cell: row =>
      row.rejected_24h.length === 0 ? (
        <span class="quiet">none</span>
      ) : (
        <a href={pageOf.list('rejected', { connection: row.id })}>
          {row.rejected_24h.map(each => `${count(each.count)}: ${causeInWords(each.cause)}`).join('; ')}
        </a>
      )
  },
  {
    head: 'Stopped',
    isLabelled: true,
    cell: row => {
      const parts = [
        ...(row.held > 0 ? [`${count(row.held)} held`] : []),
        ...(row.dead > 0 ? [`${count(row.dead)} dead`] : [])
      ]
      return parts.length === 0 ? (
        <span class="quiet">none</span>
      ) : (
        <a
          class="nowrap"
          href={pageOf.list('deliveries', { connection: row.id, state: row.dead > 0 ? 'dead' : 'held' })}
        >
          {parts.join(', ')}
        </a>
      )
    }
  }
]

export function ConnectionTable({ connections }: { connections: ConnectionReport[] }) {
  return (
    <Table
      caption="Connections and what came from them within 24 hours"
      columns={columns}
      rows={connections}
      keyOf={row => row.id}
    />
  )
}

export function Connections() {
  const pages = usePages<ConnectionReport>('/connections')
  return (
    <Page title="Connections" lead="Each account at a platform, and what came from it within 24 hours.">
      <List
        caption="Connections"
        columns={columns}
        keyOf={row => row.id}
        pages={pages}
        one="connection"
        none={<p>The connections file has none.</p>}
      />
    </Page>
  )
}
