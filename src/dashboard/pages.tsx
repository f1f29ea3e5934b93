import type { ComponentChildren } from 'preact'
import { AuditLog } from './pages/audit.tsx'
import { Call } from './pages/call.tsx'
import { Calls } from './pages/calls.tsx'
import { Connection } from './pages/connection.tsx'
import { Connections } from './pages/connections.tsx'
import { Customer } from './pages/customer.tsx'
import { Customers } from './pages/customers.tsx'
import { DeadLetterGroups } from './pages/dead-letters.tsx'
import { Deliveries } from './pages/deliveries.tsx'
import { Delivery } from './pages/delivery.tsx'
import { JobPage, Jobs } from './pages/jobs.tsx'
import { Missing } from './pages/missing.tsx'
import { Overview } from './pages/overview.tsx'
import { Rejected } from './pages/rejected.tsx'
import { Rejection } from './pages/rejection.tsx'
import { Replay } from './pages/replay.tsx'
import { Resource } from './pages/resource.tsx'
import { Resources } from './pages/resources.tsx'
import { Search } from './pages/search.tsx'
import { Tail } from './pages/tail.tsx'

interface Routed {
  /** Another key is another page. */
  key: string
  page: ComponentChildren
}

const lists: Record<string, () => ComponentChildren> = {
  '': () => <Overview />,
  search: () => <Search />,
  resources: () => <Resources />,
  deliveries: () => <Deliveries />,
  tail: () => <Tail />,
  'dead-letters': () => <DeadLetterGroups />,
  rejected: () => <Rejected />,
  calls: () => <Calls />,
  connections: () => <Connections />,
  customers: () => <Customers />,
  replay: () => <Replay />,
  jobs: () => <Jobs />,
  audit: () => <AuditLog />
}

const ones: Record<string, (id: string) => ComponentChildren> = {
  deliveries: id => <Delivery id={id} />,
  rejected: id => <Rejection id={id} />,
  calls: id => <Call id={id} />,
  connections: id => <Connection id={id} />,
  jobs: id => <JobPage id={id} />
}

/** Which page an address means. @param parts below the dashboard's own address; undefined: it cannot be read */
export function routed(parts: string[] | undefined): Routed {
  const key = JSON.stringify(parts ?? null)
  return { key, page: parts === undefined ? <Missing /> : (pageFor(parts) ?? <Missing />) }
}

function pageFor(parts: string[]): ComponentChildren | undefined {
  const [name = '', first, second, kind, key] = parts
  if (parts.length <= 1) return lists[name]?.()
  if (first === undefined) return undefined
  if (parts.length === 2) return ones[name]?.(first)
  if (name === 'customers' && second !== undefined && parts.length === 3) {
    return <Customer name={{ workspace: first, customer_key: second }} />
  }
  if (name !== 'resources' || second === undefined || kind === undefined || key === undefined)
    return undefined
  return parts.length === 5 ? (
    <Resource name={{ workspace: first, customer_key: second, kind, key }} />
  ) : undefined
}
