import type { BacklogReport } from '../../operate/schemas/overview.ts'
import { age, count, perSecond, some, spell } from '../ages.ts'
import { pageOf } from '../links.ts'
import { Tile } from '../parts/tile.tsx'
import { toneOfStuck } from '../verdict.ts'

const toneIf = (isSo: boolean, tone: 'warn' | 'bad') => (isSo ? tone : undefined)

/** What is due, what waits for its time, and what does not go on by itself. */
export function Stuck({ backlog }: { backlog: BacklogReport }) {
  const { translate, sync, places, paused, held, dead, arrivals } = backlog
  const asked = Date.parse(backlog.at)
  const oldest = (since: string | null) =>
    since === null ? 'none late' : `oldest ${age(Date.parse(since), asked)}`
  const toneOf = (stage: 'translate' | 'sync' | 'places') =>
    backlog[stage].stuck ? toneOfStuck(stage) : undefined
  const near = arrivals.pending + arrivals.refused + arrivals.held
  const scheduled = translate.scheduled + sync.scheduled
  return (
    <div class="tiles">
      <Tile
        label="Deliveries due"
        value={count(translate.due)}
        more={[oldest(translate.due_since), ...drainInWords(backlog)].join(', ')}
        tone={toneOf('translate')}
        page={pageOf.list('deliveries', { state: 'received' })}
      />
      <Tile
        label="Customers due"
        value={count(sync.due)}
        more={oldest(sync.due_since)}
        tone={toneOf('sync')}
        page={pageOf.list('customers', { state: 'due' })}
      />
      <Tile
        label="Scheduled"
        value={count(scheduled)}
        more={
          scheduled === 0
            ? 'nothing waits for its time'
            : `${some(translate.scheduled, 'delivery', 'deliveries')}, ${some(sync.scheduled, 'customer')}`
        }
        page={pageOf.list('customers', { state: 'failing' })}
      />
      <Tile
        label="Arrivals not at Seam"
        value={count(near)}
        more={near === 0 ? 'within 24 h' : arrivalsInWords(arrivals)}
        tone={toneIf(arrivals.held + arrivals.refused > 0, 'bad')}
        page={pageOf.list('resources', { state: arrivals.refused > 0 ? 'refused' : 'held' })}
      />
      <Tile
        label="Held stays"
        value={count(held.stays)}
        more="something is missing"
        tone={toneIf(held.stays > 0, 'warn')}
        page={pageOf.list('resources', { state: 'held' })}
      />
      <Tile
        label="Held deliveries"
        value={count(held.deliveries)}
        more="wait for a setting"
        tone={toneIf(held.deliveries > 0, 'warn')}
        page={pageOf.list('dead-letters', { of: 'held' })}
      />
      <Tile
        label="Dead letters"
        value={count(dead.deliveries)}
        more="cannot be used"
        tone={toneIf(dead.deliveries > 0, 'warn')}
        page={pageOf.list('dead-letters', { of: 'dead' })}
      />
      <Tile
        label="Refused by Seam"
        value={count(dead.resources)}
        more="stays, guests, places"
        tone={toneIf(dead.resources > 0, 'warn')}
        page={pageOf.list('dead-letters', { of: 'refused' })}
      />
      {paused.translate + paused.sync > 0 && (
        <Tile
          label="Paused"
          value={count(paused.translate + paused.sync)}
          more={`${some(paused.translate, 'delivery', 'deliveries')}, ${some(paused.sync, 'customer')}`}
          tone="warn"
          page={pageOf.overview('#paused')}
        />
      )}
      {places.due > 0 && (
        <Tile
          label="Places to be read"
          value={count(places.due)}
          more={oldest(places.due_since)}
          tone={toneOf('places')}
        />
      )}
    </div>
  )
}

function drainInWords({ at: asked, drain }: BacklogReport): string[] {
  if (drain === null) return []
  const rate = `${perSecond(drain.per_second)} done`
  if (drain.estimated_end_at === null) return [rate, 'not becoming less']
  return [rate, `about ${spell((Date.parse(drain.estimated_end_at) - Date.parse(asked)) / 1000)} left`]
}

function arrivalsInWords({ pending, held, refused }: BacklogReport['arrivals']): string {
  const parts = [
    [pending, 'on the way'],
    [held, 'held'],
    [refused, 'refused']
  ] as const
  return `24 h: ${parts.flatMap(([many, word]) => (many > 0 ? `${many} ${word}` : [])).join(', ')}`
}
