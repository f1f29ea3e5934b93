import { useEffect, useState } from 'preact/hooks'
import type { CountsOverTime } from '../../operate/schemas/counts.ts'
import type { PerformanceReport } from '../../operate/schemas/overview.ts'
import { count, lasted, share } from '../ages.ts'
import { addressOf } from '../api.ts'
import { changed, searchOf } from '../filters.ts'
import { pageOf } from '../links.ts'
import { useLoaded } from '../load.ts'
import { Chart } from '../parts/chart.tsx'
import { Failure } from '../parts/failure.tsx'
import { SkeletonCard } from '../parts/skeleton.tsx'
import { Tile } from '../parts/tile.tsx'
import { filterBy } from '../router.ts'
import { seriesOf, totalsOf } from '../series.ts'

const spans = ['1h', '24h', '7d'] as const

/** How well calls to Seam go, over a time that stands in the address. */
export function Succeeding({ over, everyMs }: { over: string; everyMs: number }) {
  const counts = useLoaded<CountsOverTime>(addressOf('/counts', { over }), everyMs)
  const performance = useLoaded<PerformanceReport>(addressOf('/performance', { over }), everyMs)
  // What stood there stays until the other span is known.
  const [shown, setShown] = useState<CountsOverTime>()
  useEffect(() => {
    if (counts.data !== undefined) setShown(counts.data)
  }, [counts.data])
  const failed = [counts, performance].find(each => each.failure !== undefined)
  return (
    <section aria-labelledby="succeeding-title">
      <div class="section-head">
        <h2 id="succeeding-title">Is it succeeding?</h2>
        <fieldset class="choice" aria-label="Over which time">
          {spans.map(each => (
            <label key={each}>
              <input
                type="radio"
                name="over"
                checked={over === each}
                onChange={() => filterBy(searchOf(changed({}, 'over', each === '1h' ? '' : each)))}
              />
              <span>{each === '7d' ? '7 days' : each === '24h' ? '24 h' : '1 h'}</span>
            </label>
          ))}
        </fieldset>
      </div>
      <div class="stack near">
        {failed?.failure !== undefined && <Failure failure={failed.failure} retry={failed.reload} />}
        {performance.data !== undefined && <Numbers performance={performance.data} />}
        {shown === undefined ? (
          counts.failure === undefined && <SkeletonCard rows={6} />
        ) : (
          <Charts counts={shown} />
        )}
      </div>
    </section>
  )
}

const ms = (value: number | null) => (value === null ? '–' : lasted(value))

function Numbers({ performance }: { performance: PerformanceReport }) {
  const { first_attempts: tries, first_attempts_taken: taken, retries, seam, end_to_end: whole } = performance
  const failed = tries - taken
  return (
    <div class="tiles">
      <Tile
        label="First-attempt success"
        value={share(taken, tries)}
        more={tries === 0 ? 'no calls' : `${count(failed)} of ${count(tries)} failed at first`}
        tone={tries > 0 && taken / tries < 0.9 ? 'warn' : undefined}
      />
      <Tile
        label="Retries"
        value={count(retries)}
        more={performance.complete ? 'calls made again' : 'of the newest 5,000 calls'}
        page={pageOf.list('calls', { failed: 'true' })}
      />
      <Tile
        label="Seam answers in"
        value={ms(seam.p50_ms)}
        more={`p95 ${ms(seam.p95_ms)} · p99 ${ms(seam.p99_ms)}`}
      />
      <Tile
        label="Webhook to Seam"
        value={ms(whole.p50_ms)}
        more={`p95 ${ms(whole.p95_ms)} · p99 ${ms(whole.p99_ms)}`}
      />
    </div>
  )
}

function Charts({ counts }: { counts: CountsOverTime }) {
  const series = seriesOf(counts)
  const totals = totalsOf(counts)
  return (
    <div class="charts">
      <Chart
        title="Webhooks"
        series={series}
        first={{ of: 'received', name: 'taken in', total: totals.received }}
        second={{ of: 'rejected', name: 'rejected', total: totals.rejected }}
      />
      <Chart
        title="Calls to Seam"
        series={series}
        first={{ of: 'taken', name: 'succeeded', total: totals.taken }}
        second={{ of: 'failed', name: 'failed', total: totals.failed }}
      />
    </div>
  )
}
