import type { ConnectionReport } from '../../operate/schemas/connections.ts'
import type { ListedDelivery } from '../../operate/schemas/deliveries.ts'
import { addressOf, may } from '../api.ts'
import type { Filter } from '../filters.ts'
import { isConnection, pageOf } from '../links.ts'
import { type Page as Listed, useLoaded, usePages } from '../load.ts'
import { ChoiceFilter, Filters, TextFilter, TimeFilter, useFilter } from '../parts/filters.tsx'
import { type Column, List } from '../parts/list.tsx'
import { Mark } from '../parts/mark.tsx'
import { Page } from '../parts/page.tsx'
import { Time } from '../parts/time.tsx'
import { deliveryStates, sayingOf, sentence } from '../words.ts'

export const deliveryFilters = ['connection', 'state', 'type', 'booking', 'text', 'since', 'until'] as const

/** The reason that matters most, where there is one. */
function reasonOf({ error, events }: ListedDelivery): string | null {
  return error ?? events.find(each => each.reason !== null)?.reason ?? null
}

export const deliveryColumns: Column<ListedDelivery>[] = [
  { head: 'Received', is: 'narrow', cell: row => <Time at={row.received_at} /> },
  {
    head: 'Event',
    is: 'main',
    cell: row => {
      const [first] = row.events
      const more = row.event_count - 1
      return (
        <>
          <a href={pageOf.delivery(row.id)}>{first?.type ?? 'Not read yet'}</a>
          {more > 0 && <span class="quiet"> and {more} more</span>}
          <span class="sub mono">{row.platform_id ?? row.id}</span>
        </>
      )
    }
  },
  {
    head: 'State',
    is: 'some beside',
    cell: row => {
      const reason = reasonOf(row)
      return (
        <>
          <Mark says={sayingOf(deliveryStates, row.state)} />
          {row.attempts > 1 && <span class="quiet small"> {row.attempts} tries</span>}
          {reason !== null && <span class="sub">{sentence(reason)}</span>}
        </>
      )
    }
  },
  {
    head: 'Connection',
    is: 'beside',
    cell: row =>
      isConnection(row.connection) ? (
        <>
          <a href={pageOf.connection(row.connection)}>{row.connection}</a>
          <span class="sub">{row.platform}</span>
        </>
      ) : (
        <>Internal service</>
      )
  }
]

/** The filters of deliveries, which are those of a replay too. */
export function DeliveryFilters({
  filter,
  label,
  isOpen = false
}: {
  filter: Filter
  label: string
  isOpen?: boolean
}) {
  const connections = useLoaded<Listed<ConnectionReport>>('/connections?limit=200')
  return (
    <Filters filter={filter} label={label} isOpen={isOpen}>
      <TextFilter
        filter={filter}
        name="connection"
        label="Connection"
        options={connections.data?.data.map(each => each.id) ?? []}
      />
      <ChoiceFilter
        filter={filter}
        name="state"
        label="State"
        options={Object.entries(deliveryStates).map(([state, { word }]) => [state, word])}
      />
      <TextFilter filter={filter} name="type" label="Event" />
      <TextFilter filter={filter} name="booking" label="Booking" />
      <TextFilter filter={filter} name="text" label="Id begins with" />
      <TimeFilter filter={filter} name="since" label="Since" />
      <TimeFilter filter={filter} name="until" label="Before" />
    </Filters>
  )
}

export function Deliveries() {
  const filter = useFilter(deliveryFilters)
  const pages = usePages<ListedDelivery>(addressOf('/deliveries', filter))
  return (
    <Page
      title="Deliveries"
      lead="Every request that was taken in, newest first."
      actions={
        may('operate') && (
          <a class="button" href={pageOf.list('replay', filter)}>
            Replay these…
          </a>
        )
      }
    >
      <DeliveryFilters filter={filter} label="Filter deliveries" />
      <List
        caption="Deliveries, newest first"
        columns={deliveryColumns}
        keyOf={row => row.id}
        pages={pages}
        one="delivery"
        many="deliveries"
        none={<p>No delivery fits these filters.</p>}
      />
    </Page>
  )
}
