import { useEffect, useState } from 'preact/hooks'
import type { JobReport } from '../../operate/schemas/jobs.ts'
import type { ReplayPlan as Plan, PlannedChange } from '../../operate/schemas/replays.ts'
import { count, some } from '../ages.ts'
import { act, addressOf, may, type Refused } from '../api.ts'
import { inWords, searchOf } from '../filters.ts'
import { pageOf } from '../links.ts'
import { refusalOf } from '../load.ts'
import { Confirm } from '../parts/confirm.tsx'
import { DifferenceTable } from '../parts/difference.tsx'
import { Failure } from '../parts/failure.tsx'
import { TextFilter, useFilter } from '../parts/filters.tsx'
import { Icon } from '../parts/icon.tsx'
import { JobProgress } from '../parts/job.tsx'
import { Mark } from '../parts/mark.tsx'
import { Page } from '../parts/page.tsx'
import { Reveal } from '../parts/reveal.tsx'
import { SkeletonCard } from '../parts/skeleton.tsx'
import { filterBy } from '../router.ts'
import { effects, kindInWords, sayingOf, sentence } from '../words.ts'
import { DeliveryFilters, deliveryFilters } from './deliveries.tsx'

const names = [...deliveryFilters, 'ids', 'job'] as const

/** Which deliveries, what that would change, and then doing it. */
export function Replay() {
  const { job, ...filter } = useFilter(names)
  const [isRevealed, setRevealed] = useState(false)
  const [plan, setPlan] = useState<Plan>()
  const [failure, setFailure] = useState<Refused>()
  const [isPlanning, setPlanning] = useState(false)
  const [isAsking, setAsking] = useState(false)
  const asked = JSON.stringify(filter)
  const body = { filter: bodyOf(filter) }

  // A plan is of these filters and of no others.
  useEffect(() => {
    setPlan(undefined)
    setFailure(undefined)
  }, [asked, isRevealed])

  async function makePlan() {
    if (isPlanning) return
    setPlanning(true)
    setFailure(undefined)
    try {
      setPlan(await act<Plan>('POST', addressOf('/replays/plan', { reveal: isRevealed }), body))
    } catch (error) {
      setFailure(refusalOf(error))
    }
    setPlanning(false)
  }

  const isEmpty = Object.keys(filter).length === 0
  if (!may('operate')) {
    return (
      <Page title="Replay">
        <div class="notice">
          <Icon name="alert" />
          <p>A replay asks for a key with the scope operate.</p>
        </div>
      </Page>
    )
  }
  return (
    <Page
      title="Replay"
      lead="Runs stored deliveries again. First comes a plan: nothing is changed by looking at it."
      actions={<Reveal isRevealed={isRevealed} set={setRevealed} />}
    >
      <div class="stack">
        {job !== undefined && (
          <section class="card" aria-label="The replay that was started">
            <JobProgress key={job} id={job} />
          </section>
        )}
        <section aria-label="Which deliveries">
          <DeliveryFilters filter={filter} label="Which deliveries to replay" isOpen />
          {filter.ids !== undefined && (
            <TextFilter filter={filter} name="ids" label="Ids of deliveries, with commas" />
          )}
          <div class="row">
            <button
              type="button"
              class="button first"
              onClick={makePlan}
              aria-disabled={isPlanning || isEmpty}
              disabled={isEmpty}
            >
              {isPlanning ? 'Working it out…' : plan === undefined ? 'Make a plan' : 'Make the plan again'}
            </button>
            <span class="quiet">{isEmpty ? 'Choose at least one filter.' : `Of ${inWords(filter)}.`}</span>
          </div>
        </section>
        {failure !== undefined && <Failure failure={failure} retry={makePlan} />}
        {isPlanning && plan === undefined && <SkeletonCard />}
        {plan !== undefined && (
          <>
            <Summary plan={plan} start={() => setAsking(true)} />
            <PlannedChanges plan={plan} />
          </>
        )}
        {isAsking && plan !== undefined && (
          <Confirm
            title={`Replay ${some(plan.deliveries, 'delivery', 'deliveries')}?`}
            verb="Start the replay"
            close={() => setAsking(false)}
            run={async () => {
              const started = await act<JobReport>('POST', '/replays', body)
              setPlan(undefined)
              filterBy(searchOf({ ...filter, job: started.id }))
            }}
          >
            <p>{inSummary(plan)}</p>
            <p class="quiet">You can cancel while it runs; what is done by then stays done.</p>
          </Confirm>
        )}
      </div>
    </Page>
  )
}

function bodyOf({ ids, ...filter }: Record<string, string>): object {
  if (ids === undefined) return filter
  return { ...filter, ids: ids.split(/[\s,]+/).filter(Boolean) }
}

function inSummary({ changes, more_changes: hasMore }: Plan): string {
  const atSeam = changes.filter(each => each.effect === 'push' || each.effect === 'delete').length
  if (atSeam === 0 && !hasMore) return 'Nothing would change at Seam.'
  return `${hasMore ? 'More than ' : ''}${some(atSeam, 'resource')} would change at Seam.`
}

function howMany({ deliveries, more_deliveries: hasMore, examined }: Plan): string {
  const all = `${hasMore ? 'more than ' : ''}${some(deliveries, 'delivery', 'deliveries')}`
  if (deliveries === 0) return 'No delivery fits the filters.'
  if (examined === deliveries && !hasMore)
    return deliveries === 1 ? 'It would run again.' : `All ${all} were looked at.`
  return `The newest ${count(examined)} of ${all} were looked at; the others would run again too.`
}

function Summary({ plan, start }: { plan: Plan; start(): void }) {
  const tally = (effect: PlannedChange['effect']) =>
    plan.changes.filter(each => each.effect === effect).length
  const more = plan.more_changes ? ' and more' : ''
  return (
    <section class="card" aria-labelledby="plan-title">
      <h2 id="plan-title">The plan</h2>
      <div class="inside stack near">
        <p role="status">
          <strong>{inSummary(plan)}</strong> {howMany(plan)}
        </p>
        <dl class="facts short">
          <dt>Pushed to Seam</dt>
          <dd>
            {count(tally('push'))}
            {more}
          </dd>
          <dt>Deleted at Seam</dt>
          <dd class={tally('delete') > 0 ? 'tone-bad' : ''}>
            {count(tally('delete'))}
            {more}
          </dd>
          <dt>Held back</dt>
          <dd>{count(tally('hold'))}</dd>
          <dt>Unchanged</dt>
          <dd>{count(plan.unchanged)}</dd>
          {plan.too_old > 0 && (
            <>
              <dt>Too old</dt>
              <dd>{count(plan.too_old)}, whose body is not kept any more</dd>
            </>
          )}
          {plan.unread > 0 && (
            <>
              <dt>Not foreseen</dt>
              <dd>{count(plan.unread)}, as the platform has to be asked first</dd>
            </>
          )}
          {plan.not_examined.map(each => (
            <>
              <dt>Not worked out</dt>
              <dd>
                {count(each.count)}: {each.reason}
              </dd>
            </>
          ))}
        </dl>
        <div class="row">
          <button type="button" class="button first" onClick={start} disabled={plan.deliveries === 0}>
            Start the replay…
          </button>
        </div>
      </div>
    </section>
  )
}

function PlannedChanges({ plan: { changes, more_changes: hasMore } }: { plan: Plan }) {
  if (changes.length === 0) return null
  return (
    <section class="card" aria-labelledby="changes-title">
      <h2 id="changes-title">What would change</h2>
      <ul>
        {changes.map(change => (
          <li class="job" key={`${change.workspace} ${change.kind} ${change.key}`}>
            <div class="row">
              <Mark says={sayingOf(effects, change.effect)} />
              <a class="mono" href={pageOf.resource(change)}>
                {change.key}
              </a>
              <span class="quiet">
                {kindInWords(change.kind)} of {change.customer_key}
              </span>
            </div>
            {change.reason !== null && <p class="quiet">{sentence(change.reason)}</p>}
            <DifferenceTable
              before={change.before}
              after={change.after}
              was="Now"
              is="Then"
              none="No difference can be seen with people masked."
            />
          </li>
        ))}
      </ul>
      {hasMore && <p class="list-foot">There are more than are shown; filters make it fewer.</p>}
    </section>
  )
}
