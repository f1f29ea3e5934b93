import { useEffect, useState } from 'preact/hooks'
import type { JobReport } from '../../operate/schemas/jobs.ts'
import type { ReplayPlan as Plan } from '../../operate/schemas/replays.ts'
import { some } from '../ages.ts'
import { act, addressOf, may, type Refused } from '../api.ts'
import { inWords, searchOf } from '../filters.ts'
import { refusalOf } from '../load.ts'
import { Confirm } from '../parts/confirm.tsx'
import { Failure } from '../parts/failure.tsx'
import { TextFilter, useFilter } from '../parts/filters.tsx'
import { Icon } from '../parts/icon.tsx'
import { JobProgress } from '../parts/job.tsx'
import { Page } from '../parts/page.tsx'
import { Reveal } from '../parts/reveal.tsx'
import { SkeletonCard } from '../parts/skeleton.tsx'
import { filterBy } from '../router.ts'
import { DeliveryFilters, deliveryFilters } from './deliveries.tsx'
import { inSummary, PlannedChanges, Summary } from './replay-plan.tsx'

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
