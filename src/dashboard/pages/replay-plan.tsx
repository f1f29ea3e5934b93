import type { ReplayPlan as Plan, PlannedChange } from '../../operate/schemas/replays.ts'
import { count, some } from '../ages.ts'
import { pageOf } from '../links.ts'
import { DifferenceTable } from '../parts/difference.tsx'
import { Mark } from '../parts/mark.tsx'
import { effects, kindInWords, sayingOf, sentence } from '../words.ts'

/** In a sentence, for the question before it begins too. */
export function inSummary({ changes, more_changes: hasMore }: Plan): string {
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

/** What a replay would do, counted, and the button that begins it. */
export function Summary({ plan, start }: { plan: Plan; start(): void }) {
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
              <dd>{count(plan.too_old)}, whose body is no longer kept</dd>
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

/** Field by field what would be otherwise at Seam. */
export function PlannedChanges({ plan: { changes, more_changes: hasMore } }: { plan: Plan }) {
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
