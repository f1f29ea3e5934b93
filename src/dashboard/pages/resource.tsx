import { useState } from 'preact/hooks'
import type { CustomerReport } from '../../operate/schemas/customers.ts'
import type { WholeResource } from '../../operate/schemas/resources.ts'
import { addressOf, may } from '../api.ts'
import type { LifeItem } from '../life.ts'
import { askAt, pageOf, type ResourceName } from '../links.ts'
import { useLoaded, usePages } from '../load.ts'
import { Failure } from '../parts/failure.tsx'
import { Icon } from '../parts/icon.tsx'
import { Page } from '../parts/page.tsx'
import { Reveal } from '../parts/reveal.tsx'
import { SkeletonCard } from '../parts/skeleton.tsx'
import { Time } from '../parts/time.tsx'
import { Unsent } from '../parts/unsent.tsx'
import { kindInWords, resourceStates, sayingOf, sentence, standing } from '../words.ts'
import { PushAgain } from './push-again.tsx'
import { Belongings, DesiredState } from './resource-facts.tsx'
import { Life } from './resource-life.tsx'
import { ReviveOne } from './revive-one.tsx'

/** One stay, guest or place: where it stands, and its life. */
export function Resource({ name }: { name: ResourceName }) {
  const [isRevealed, setRevealed] = useState(false)
  const at = askAt.resource(name)
  const whole = useLoaded<WholeResource>(addressOf(at, { reveal: isRevealed }))
  const life = usePages<LifeItem>(addressOf(`${at}/life`, { limit: 100, reveal: isRevealed }))
  const { data } = whole
  const isWaiting = data?.state === 'waiting'
  const customer = useLoaded<CustomerReport>(isWaiting ? askAt.customer(name) : undefined)
  const called = nameIn(data)
  const reload = () => {
    whole.reload()
    life.reload()
  }
  // What is gone may have a life that is still kept, and of what is masked nothing is found.
  const isUnknown = whole.failure?.status === 404
  return (
    <Page
      title={called ?? name.key}
      lead={called !== undefined && <code>{name.key}</code>}
      crumbs={[
        { name: 'Customers', page: pageOf.list('customers') },
        { name: name.customer_key, page: pageOf.customer(name) },
        { name: kindInWords(name.kind) }
      ]}
      actions={
        <>
          <Reveal isRevealed={isRevealed} set={setRevealed} />
          {may('operate') && (
            <a class="button" href={pageOf.list('replay', { booking: data?.booking ?? name.key })}>
              Replay its deliveries
            </a>
          )}
          {data?.state === 'refused' ? (
            <ReviveOne
              what={{ of: 'refused', resource: { ...name, kind: data.kind } }}
              label="Send it again"
              said="It is sent to Seam once more."
              reload={reload}
            />
          ) : (
            <PushAgain name={name} reload={reload} />
          )}
        </>
      }
    >
      <div class="stack">
        {isUnknown && (
          <div class="notice">
            <Icon name="minus" />
            <div>
              <strong>Nothing is known of it now.</strong>
              <p>
                {name.key.includes('…')
                  ? 'Its key is masked, as it holds an e-mail address: reveal people on the page that led here.'
                  : 'Seam should not hold it. Below is its history, as far as the history is kept.'}
              </p>
            </div>
          </div>
        )}
        {whole.failure !== undefined && !isUnknown && (
          <Failure failure={whole.failure} retry={whole.reload} />
        )}
        {data === undefined && whole.isLoading && <SkeletonCard rows={4} />}
        {data !== undefined && <Standing resource={data} />}
        {customer.data !== undefined && <Unsent customer={customer.data} />}
        <div class="columns">
          {!(isUnknown && life.failure?.status === 404) && (
            <Life pages={life} told={data?.told ?? []} isRevealed={isRevealed} />
          )}
          {data !== undefined && (
            <div class="stack near">
              <DesiredState resource={data} />
              <Belongings resource={data} />
            </div>
          )}
        </div>
      </div>
    </Page>
  )
}

function nameIn(data: WholeResource | undefined): string | undefined {
  const called = (data?.fields as { name?: unknown } | null | undefined)?.name
  return typeof called === 'string' && called !== '' ? called : undefined
}

function Standing({ resource }: { resource: WholeResource }) {
  const { state, warnings, revision, synced_revision: synced } = resource
  const saying = sayingOf(resourceStates, state)
  const behind = revision - synced
  return (
    <section class={`verdict ${saying.tone}`} aria-label="Where it stands">
      <span class="badge">
        <Icon name={saying.sign} />
      </span>
      <div>
        <p class="sentence" role="status">
          {standing(resource)}
        </p>
        <p class="as-of">
          {behind > 0
            ? synced === 0
              ? `Seam has never had it; what it should hold is revision ${revision}.`
              : `Seam has revision ${synced}; what it should hold is revision ${revision}.`
            : `Seam has agreed to revision ${revision}.`}{' '}
          Last changed <Time at={resource.updated_at} />
          {resource.refused_at !== null && (
            <>
              , refused <Time at={resource.refused_at} />
            </>
          )}
          .
        </p>
        {warnings.length > 0 && (
          <ul class="further">
            {warnings.map(warning => (
              <li key={warning}>
                <span class="tone-warn">
                  <Icon name="alert" />
                </span>
                {sentence(warning)}
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  )
}
