import type { WholeResource } from '../../operate/schemas/resources.ts'
import { clockTime } from '../ages.ts'
import { now } from '../clock.ts'
import { flat } from '../differences.ts'
import { isConnection, pageOf, type ResourceName } from '../links.ts'
import { Copy } from '../parts/copy.tsx'
import { Time } from '../parts/time.tsx'
import { kindInWords, notKept } from '../words.ts'

/** What Seam shall hold of it, and which webhooks told that. */
export function DesiredState({ resource }: { resource: WholeResource }) {
  const { fields, told } = resource
  const rows = [...flat(fields)]
  return (
    <section class="card">
      <h2>What Seam should hold</h2>
      {rows.length === 0 ? (
        <p class="inside quiet">Nothing.</p>
      ) : (
        <dl class="facts inside">
          {rows.map(([name, value]) => (
            <>
              <dt class="mono">{name}</dt>
              <dd>{shownValue(value)}</dd>
            </>
          ))}
        </dl>
      )}
      {told.length > 0 && (
        <details class="inside">
          <summary>Which webhook said what</summary>
          <table class="difference">
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col">Told by</th>
                <th scope="col">Platform’s clock</th>
              </tr>
            </thead>
            <tbody>
              {told.map(each => (
                <tr key={each.field}>
                  <th scope="row">{each.field}</th>
                  <td>
                    {each.known ? (
                      <a class="mono" href={pageOf.delivery(each.delivery)}>
                        {each.delivery}
                      </a>
                    ) : (
                      notKept
                    )}
                  </td>
                  <td>{each.version !== null && <Time at={each.version} as="clock" />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </section>
  )
}

/** An instant is said in the reader's zone too. */
function shownValue(value: string) {
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? (
    <>
      {clockTime(Date.parse(value), now.value)} <span class="quiet mono">{value}</span>
    </>
  ) : (
    value
  )
}

/** Where it belongs. */
export function Belongings({ resource }: { resource: WholeResource }) {
  const { connection, booking, starts_at: arrival, names, named_by: namedBy, siblings } = resource
  return (
    <section class="card">
      <h2>Belongs to</h2>
      <dl class="facts inside">
        {arrival !== null && (
          <>
            <dt>Arrival</dt>
            <dd>
              <Time at={arrival} />
            </dd>
          </>
        )}
        <dt>Key</dt>
        <dd>
          <Copy text={resource.key} what="the key" />
        </dd>
        {booking !== null && (
          <>
            <dt>Booking</dt>
            <dd>
              <a href={pageOf.list('deliveries', { booking })} class="mono">
                {booking}
              </a>
            </dd>
          </>
        )}
        <dt>Connection</dt>
        <dd>
          {isConnection(connection) ? (
            <a href={pageOf.connection(connection)}>{connection}</a>
          ) : (
            'A service that pushed it'
          )}
        </dd>
        <dt>Customer</dt>
        <dd>
          <a href={pageOf.customer(resource)}>{resource.customer_key}</a>
          <span class="quiet"> in workspace {resource.workspace}</span>
        </dd>
        <Names title="Names" all={names} />
        <Names title="Named by" all={namedBy} />
        <Names title="Same booking" all={siblings} />
      </dl>
    </section>
  )
}

function Names({ title, all }: { title: string; all: ResourceName[] }) {
  if (all.length === 0) return null
  return (
    <>
      <dt>{title}</dt>
      <dd>
        <ul>
          {all.map(each => (
            <li key={`${each.kind} ${each.key}`}>
              <a href={pageOf.resource(each)} class="mono">
                {each.key}
              </a>
              <span class="quiet"> {kindInWords(each.kind).toLowerCase()}</span>
            </li>
          ))}
        </ul>
      </dd>
    </>
  )
}
