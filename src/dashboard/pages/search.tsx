import { useState } from 'preact/hooks'
import type { SearchHit, SearchResult } from '../../operate/schemas/search.ts'
import { addressOf } from '../api.ts'
import { now } from '../clock.ts'
import { nearestFirst } from '../found.ts'
import { type Group, groupOf } from '../kinds.ts'
import { pageOf } from '../links.ts'
import { useLoaded } from '../load.ts'
import { useFilter } from '../parts/filters.tsx'
import { Table } from '../parts/list.tsx'
import { Mark } from '../parts/mark.tsx'
import { Page } from '../parts/page.tsx'
import { Reveal } from '../parts/reveal.tsx'
import { Time } from '../parts/time.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { kindInWords, resourceStates, sayingOf, sentence } from '../words.ts'
import { deliveryColumns } from './deliveries.tsx'

type Found = SearchHit['resource']

const groups: { title: string; group: Group }[] = [
  { title: 'Stays', group: 'stay' },
  { title: 'Guests', group: 'guest' },
  { title: 'Places', group: 'place' }
]

export function Search() {
  const { q } = useFilter(['q'])
  const [isRevealed, setRevealed] = useState(false)
  const loaded = useLoaded<SearchResult>(
    q === undefined ? undefined : addressOf('/search', { q, reveal: isRevealed })
  )
  const { data } = loaded
  if (q === undefined) {
    return (
      <Page title="Search" lead="Write into the field above; the key / takes you there from anywhere.">
        <div class="card">
          <dl class="facts inside">
            <dt>A guest</dt>
            <dd>
              The name or its beginning, the e-mail address, or the last four digits of the phone number
            </dd>
            <dt>A booking</dt>
            <dd>Its id, as the platform or as Seam has it</dd>
            <dt>A listing</dt>
            <dd>Its name, or its key</dd>
            <dt>A delivery</dt>
            <dd>Its id, the relay’s or the platform’s</dd>
          </dl>
        </div>
      </Page>
    )
  }
  const isEmpty = data !== undefined && data.data.length === 0 && data.deliveries.length === 0
  return (
    <Page title={`Found for “${q}”`} actions={<Reveal isRevealed={isRevealed} set={setRevealed} />}>
      <div class="stack">
        <Waiting of={loaded} />
        {isEmpty && (
          <div class="card empty" role="status">
            <p>
              Nothing was found. Try the beginning of the name, the booking’s id, or the last four digits of
              the phone number.
            </p>
          </div>
        )}
        {data?.more && (
          <p class="small" role="status">
            There is more than is shown; write more of it.
          </p>
        )}
        {data !== undefined &&
          groups.map(({ title, group }) => (
            <Hits
              key={title}
              title={title}
              hits={nearestFirst(data.data, now.peek()).filter(hit => groupOf(hit.resource.kind) === group)}
            />
          ))}
        {data !== undefined && data.deliveries.length > 0 && (
          <section class="card">
            <h2>Deliveries</h2>
            <Table
              caption="Deliveries"
              columns={deliveryColumns}
              rows={data.deliveries}
              keyOf={row => row.id}
            />
          </section>
        )}
        {data !== undefined && (
          <ul class="quiet small">
            {data.notes.map(note => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        )}
      </div>
    </Page>
  )
}

/** A guest or a place stands above its stays, as these are what one looks for. */
function Hits({ title, hits }: { title: string; hits: SearchHit[] }) {
  if (hits.length === 0) return null
  return (
    <section class="card">
      <h2>{title}</h2>
      <table class="list">
        <caption class="unseen">{title}</caption>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">State</th>
            <th scope="col">Arrival</th>
            <th scope="col">Customer</th>
          </tr>
        </thead>
        <tbody>
          {hits.map(hit => (
            <>
              <Row key={hit.resource.key} found={hit.resource} label={hit.label} by={hit.by} />
              {hit.stays.map(stay => (
                <Row key={`${hit.resource.key} ${stay.key}`} found={stay} label="" isBelow />
              ))}
            </>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Row({
  found,
  label,
  by,
  isBelow = false
}: {
  found: Found
  label: string
  by?: string
  isBelow?: boolean
}) {
  return (
    <tr class={isBelow ? 'below' : ''}>
      <td class="main">
        <a href={pageOf.resource(found)}>{label === '' ? found.key : label}</a>
        <span class="sub">
          {kindInWords(found.kind)}
          {label !== '' && <span class="mono"> {found.key}</span>}
          {by !== undefined && by !== 'key' && ` · found by ${by === 'email' ? 'e-mail' : by}`}
        </span>
      </td>
      <td class="some beside">
        <Mark says={sayingOf(resourceStates, found.state)} />
        {found.reason !== null && <span class="sub">{sentence(found.reason)}</span>}
      </td>
      <td class="beside">{found.starts_at !== null && <Time at={found.starts_at} />}</td>
      <td class="beside">
        <a href={pageOf.customer(found)}>{found.customer_key}</a>
        <span class="sub">{found.connection}</span>
      </td>
    </tr>
  )
}
