import { useState } from 'preact/hooks'
import type { WholeDelivery } from '../../operate/schemas/deliveries.ts'
import type { WholeResource } from '../../operate/schemas/resources.ts'
import { lasted } from '../ages.ts'
import { addressOf } from '../api.ts'
import { byDay, deliveryBefore, fieldsFrom, type LifeItem, lifeInWords, tellingInWords } from '../life.ts'
import { askAt, pageOf } from '../links.ts'
import { type Pages, useLoaded } from '../load.ts'
import { Copy } from '../parts/copy.tsx'
import { DifferenceTable } from '../parts/difference.tsx'
import { Failure } from '../parts/failure.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { Mark } from '../parts/mark.tsx'
import { asJson, Request } from '../parts/request.tsx'
import { Skeleton } from '../parts/skeleton.tsx'
import { Time } from '../parts/time.tsx'
import { notKept, outcomes, sayingOf, sentence, statusSaying } from '../words.ts'

interface LifeProps {
  pages: Pages<LifeItem>
  told: WholeResource['told']
  isRevealed: boolean
}

/** What happened to it, oldest first: webhooks, and calls to Seam. */
export function Life({ pages, told, isRevealed }: LifeProps) {
  const { rows, failure, isFirst, isLoading, hasMore, more, reload } = pages
  return (
    <section class="card life" aria-busy={isLoading} aria-labelledby="life-title">
      <h2 id="life-title" class="row">
        Its history
        {rows.length > 0 && <span class="quiet small">{lifeInWords(rows, !hasMore)}</span>}
      </h2>
      {isFirst && isLoading && <Skeleton />}
      {byDay(rows).map(({ day, items }) => (
        <>
          <h3>{day}</h3>
          <ol>
            {items.map(item =>
              item.type === 'told' ? (
                <Telling
                  key={`${item.delivery.id} ${item.at}`}
                  item={item}
                  before={deliveryBefore(rows, item)}
                  fields={fieldsFrom(told, item.delivery.id)}
                  isRevealed={isRevealed}
                />
              ) : (
                <Sending key={item.id} item={item} />
              )
            )}
          </ol>
        </>
      ))}
      {!isFirst && rows.length === 0 && failure === undefined && (
        <p class="empty">Its history is no longer kept (RELAY_KEEP_HISTORY_DAYS).</p>
      )}
      {failure !== undefined && (
        <div class="inside">
          <Failure failure={failure} retry={rows.length === 0 ? reload : more} />
        </div>
      )}
      {hasMore && (
        <div class="list-foot">
          <span />
          <button type="button" class="button light" onClick={more} aria-disabled={isLoading}>
            Load more
          </button>
        </div>
      )}
    </section>
  )
}

interface TellingProps {
  item: Extract<LifeItem, { type: 'told' }>
  before: string | undefined
  fields: string[]
  isRevealed: boolean
}

function Telling({ item, before, fields, isRevealed }: TellingProps) {
  const [isOpen, setOpen] = useState(false)
  const { delivery, outcome } = item
  const saying = sayingOf(outcomes, outcome)
  const from = delivery.platform === 'seam' ? 'a service' : delivery.connection
  return (
    <li class={outcome === 'stale' || outcome === 'unchanged' ? 'old' : ''}>
      <Time at={item.at} as="clock" />
      <span class={`dot ${saying.tone}`}>
        <Icon name="in" />
      </span>
      <div class="what">
        <p>
          {delivery.known ? (
            <>
              <strong>{delivery.event ?? 'Webhook'}</strong> <span class="quiet">from {from}</span>
            </>
          ) : (
            <strong>{notKept}</strong>
          )}{' '}
          <Mark says={saying} />
        </p>
        <p class="note">{tellingInWords(item)}</p>
        {fields.length > 0 && <p class="small quiet">Still as it said: {fields.join(', ')}</p>}
        {delivery.known && (
          <details onToggle={event => setOpen(event.currentTarget.open)}>
            <summary>What it said, and its raw request</summary>
            {isOpen && <Opened id={delivery.id} before={before} isRevealed={isRevealed} />}
          </details>
        )}
      </div>
    </li>
  )
}

function Opened({ id, before, isRevealed }: { id: string; before: string | undefined; isRevealed: boolean }) {
  const { data, failure, reload } = useLoaded<WholeDelivery>(
    addressOf(askAt.delivery(id), { reveal: isRevealed })
  )
  const earlier = useLoaded<WholeDelivery>(
    before === undefined ? undefined : addressOf(askAt.delivery(before), { reveal: isRevealed })
  )
  if (failure !== undefined) return <Failure failure={failure} retry={reload} />
  if (data === undefined) return <Skeleton rows={3} />
  return (
    <div class="stack near">
      <p class="small">
        Delivery{' '}
        <a class="mono" href={pageOf.delivery(id)}>
          {id}
        </a>
        , received <Time at={data.received_at} />
      </p>
      {before !== undefined && earlier.data !== undefined && (
        <section>
          <h3>Compared with the webhook before it</h3>
          <DifferenceTable
            before={said(earlier.data)}
            after={said(data)}
            was="Before"
            is="This one"
            none={
              isRevealed
                ? 'They say the same.'
                : 'They say the same, as far as can be seen with people masked.'
            }
          />
        </section>
      )}
      <Request request={data} />
    </div>
  )
}

/** What a delivery said, with what was read from the platform for it. */
function said({ body, facts }: WholeDelivery): unknown {
  const webhook = body.text === null ? body.masked : asJson(body.text)
  return facts.known ? { webhook, read: facts.value } : webhook
}

const words = { push_data: 'Pushed to Seam', delete_data: 'Deleted at Seam' }

function Sending({ item }: { item: Extract<LifeItem, { type: 'sent' }> }) {
  const saying = statusSaying(item.status, item.error)
  const icon: IconName = 'out'
  return (
    <li>
      <Time at={item.at} as="clock" />
      <span class={`dot ${saying.tone}`}>
        <Icon name={icon} />
      </span>
      <div class="what">
        <p>
          <strong>
            <a href={pageOf.call(item.id)}>{words[item.operation]}</a>
          </strong>{' '}
          <span class="quiet">
            as revision {item.revision}, in {lasted(item.duration_ms)}
          </span>{' '}
          <Mark says={saying} />
        </p>
        {item.error !== null && <p class="note">{sentence(item.error)}</p>}
        {item.seam_request_id !== null && (
          <p class="small quiet">
            Seam’s request id <Copy text={item.seam_request_id} what="Seam’s request id" />
          </p>
        )}
      </div>
    </li>
  )
}
