import type { ConnectionReport } from '../../operate/schemas/connections.ts'
import type { BacklogReport, PerformanceReport } from '../../operate/schemas/overview.ts'
import { counted, countOf, durationOf, type Moments, spanOf } from '../terminal/moments.ts'
import type { Screen, Tone } from '../terminal/screen.ts'
import { type Cell, factLines, section, tableLines } from '../terminal/table.ts'
import { jobTable } from './jobs.ts'
import { pauseTable } from './pauses.ts'
import type { Status } from './status.ts'
import type { Finding } from './status-verdict.ts'

/** A line for each of hundreds says nothing any more. */
const MOST_CONNECTIONS = 30

/** The verdict, then what it rests on, in the order in which operators look. */
export function statusLines(found: Status, findings: Finding[], screen: Screen, moments: Moments): string[] {
  const running = found.jobs.filter(each => each.state === 'running')
  return [
    verdict(findings, screen),
    ...findings.map(each => `  ${screen.paint('●', toneOf(each))} ${each.text}`),
    ...section(screen, 'Stuck?', [
      ...stageLines(found.backlog, screen, moments),
      ...drainLines(found.backlog)
    ]),
    ...section(screen, 'Arriving?', connectionLines(found.connections, screen, moments)),
    ...section(screen, 'Succeeding?', successLines(found, screen)),
    ...(found.pauses.length === 0
      ? []
      : section(screen, 'Paused', pauseTable(found.pauses, screen, moments))),
    ...(running.length === 0 ? [] : section(screen, 'Under way', jobTable(running, screen, moments)))
  ]
}

function verdict(findings: Finding[], { paint }: Screen): string {
  const bad = findings.filter(each => each.weight === 'bad').length
  if (bad > 0) return paint(`${countOf(bad, 'thing')} stuck or stopped.`, 'bad')
  return findings.length === 0
    ? paint('All is well.', 'good')
    : `${paint('Nothing is stuck.', 'good')} To be looked at:`
}

function toneOf({ weight }: Finding): Tone {
  return weight
}

function stageLines({ translate, sync, places }: BacklogReport, screen: Screen, moments: Moments): string[] {
  const row = (name: string, { due, scheduled, due_since }: BacklogReport['sync']): Cell[] => [
    name,
    counted(due),
    counted(scheduled),
    due_since === null ? '–' : moments.age(due_since)
  ]
  return tableLines(
    screen,
    [
      { title: 'STAGE' },
      { title: 'DUE', align: 'right' },
      { title: 'SCHEDULED', align: 'right' },
      { title: 'OLDEST DUE', align: 'right' }
    ],
    [row('deliveries to translate', translate), row('customers to send', sync), row('places to read', places)]
  )
}

function drainLines({ at, translate, drain }: BacklogReport): string[] {
  // A relay elsewhere may be of a release that tells nothing of it.
  if (!drain) return []
  const { per_second, arriving_per_second, estimated_end_at } = drain
  const end =
    estimated_end_at === null
      ? 'their number is not going down'
      : `about ${spanOf((Date.parse(estimated_end_at) - Date.parse(at)) / 1_000)} left`
  return [
    `${counted(translate.due + translate.scheduled)} deliveries wait; ${perSecond(per_second)} done, ${perSecond(arriving_per_second)} come: ${end}.`
  ]
}

function perSecond(rate: number): string {
  return `${rate < 10 ? rate.toFixed(1) : counted(Math.round(rate))}/s`
}

function connectionLines(connections: ConnectionReport[], screen: Screen, moments: Moments): string[] {
  const sorted = [...connections].sort((a, b) => weightOf(b) - weightOf(a))
  const shown = sorted.slice(0, MOST_CONNECTIONS)
  const left = sorted.length - shown.length
  const count = (value: number, tone?: Tone): Cell =>
    value === 0 ? { text: '0', tone: 'dim' } : { text: counted(value), tone }
  return [
    ...tableLines(
      screen,
      [
        { title: 'CONNECTION', least: 12 },
        { title: 'LAST', align: 'right' },
        { title: 'ACCEPTED 24 H', align: 'right' },
        { title: 'REJECTED 24 H', align: 'right' },
        { title: 'WAITING', align: 'right' },
        { title: 'HELD', align: 'right' },
        { title: 'DEAD', align: 'right' },
        { title: 'NOTE', least: 10 }
      ],
      shown.map((each): Cell[] => [
        each.id,
        each.last_received_at === null ? 'never' : moments.age(each.last_received_at),
        counted(each.accepted_24h),
        count(rejectedOf(each), 'bad'),
        // A relay elsewhere may be of a release that does not tell.
        each.waiting === undefined ? '–' : count(each.waiting),
        count(each.held, 'warn'),
        count(each.dead, 'bad'),
        noteOf(each)
      ])
    ),
    ...(left > 0 ? [`${countOf(left, 'more connection')}, none of which needs attention first.`] : [])
  ]
}

function rejectedOf({ rejected_24h }: ConnectionReport): number {
  return rejected_24h.reduce((sum, each) => sum + each.count, 0)
}

function isRefused({ platform_rest }: ConnectionReport): boolean {
  return platform_rest?.refused === true
}

function weightOf(each: ConnectionReport): number {
  return (
    Number(isRefused(each)) +
    Number(rejectedOf(each) > 0) +
    Number(each.unusually_silent) +
    Number(each.dead + each.held > 0)
  )
}

function noteOf(each: ConnectionReport): string {
  const causes = each.rejected_24h.map(({ cause, count }) => `${cause} ${count}`)
  return [
    ...(isRefused(each) ? ['credentials of its api refused'] : []),
    ...(each.unusually_silent ? ['unusually silent'] : []),
    ...causes
  ].join(', ')
}

function successLines({ counts, performance }: Status, screen: Screen): string[] {
  const sum = (what: 'received' | 'translated' | 'ignored' | 'dead') =>
    counts.spans.reduce((total, each) => total + each[what], 0)
  const rejected = counts.spans.reduce(
    (total, each) => total + Object.values(each.rejected).reduce((all, count) => all + count, 0),
    0
  )
  const { first_attempts, first_attempts_taken, retries, seam, end_to_end } = performance
  const share =
    first_attempts === 0 ? '' : ` (${((100 * first_attempts_taken) / first_attempts).toFixed(1)} %)`
  return factLines(screen, [
    ['over', counts.over.replace(/(\d+)/, '$1 ')],
    [
      'deliveries',
      `${counted(sum('received'))} came: ${counted(sum('translated'))} translated, ${counted(sum('ignored'))} ignored, ${counted(sum('dead'))} dead; ${counted(rejected)} rejected`
    ],
    [
      'calls to Seam',
      first_attempts + retries === 0
        ? 'none'
        : `${counted(first_attempts_taken)} of ${counted(first_attempts)} taken at the first attempt${share}, ${countOf(retries, 'retry', 'retries')}`
    ],
    ['Seam takes', percentiles(seam)],
    ['end to end', percentiles(end_to_end)]
  ])
}

function percentiles({ count, p50_ms, p95_ms, p99_ms }: PerformanceReport['seam']): string {
  if (count === 0) return 'nothing yet'
  return `p50 ${durationOf(p50_ms)}, p95 ${durationOf(p95_ms)}, p99 ${durationOf(p99_ms)}`
}
