import type { AuditEntry } from '../../operate/schemas/audit.ts'
import { may } from '../api.ts'
import { flat } from '../differences.ts'
import { usePages } from '../load.ts'
import { Icon } from '../parts/icon.tsx'
import { type Column, List } from '../parts/list.tsx'
import { Page } from '../parts/page.tsx'
import { Time } from '../parts/time.tsx'

const columns: Column<AuditEntry>[] = [
  { head: 'When', is: 'narrow', cell: row => <Time at={row.at} /> },
  {
    head: 'Who',
    is: 'some',
    cell: row => (
      <>
        {row.actor_name}
        <span class="sub mono">{row.actor}</span>
      </>
    )
  },
  {
    head: 'Did',
    isLabelled: true,
    is: 'nowrap',
    cell: row => <strong>{row.action.replaceAll('_', ' ')}</strong>
  },
  { head: 'At', isLabelled: true, cell: row => <span class="mono">{row.target}</span> },
  {
    head: 'Details',
    isLabelled: true,
    cell: row =>
      [...flat(row.detail)]
        .filter(([name]) => name !== '')
        .map(([name, value]) => `${name}: ${value}`)
        .join(', ')
  }
]

export function AuditLog() {
  return (
    <Page title="Audit log" lead="Who did what, newest first. Looking at people’s data counts.">
      {may('operate') ? (
        <Entries />
      ) : (
        <div class="notice">
          <Icon name="alert" />
          <p>The audit log asks for a key with the scope operate.</p>
        </div>
      )}
    </Page>
  )
}

function Entries() {
  const pages = usePages<AuditEntry>('/audit')
  return (
    <List
      caption="Audit log, newest first"
      columns={columns}
      keyOf={row => row.id}
      pages={pages}
      one="entry"
      many="entries"
      none={<p>Nobody has done anything yet.</p>}
    />
  )
}
