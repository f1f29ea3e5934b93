import type { PlannedChange, ReplayPlan } from '../../operate/schemas/replays.ts'
import { counted, countOf } from '../terminal/moments.ts'
import type { Screen, Tone } from '../terminal/screen.ts'
import { padded, widthOf } from '../terminal/text-width.ts'

const tones: Record<PlannedChange['effect'], Tone> = {
  push: 'good',
  delete: 'bad',
  hold: 'warn',
  none: 'dim'
}

/** What would come of a replay: how many, and what would change at Seam, as a difference. */
export function planLines(plan: ReplayPlan, screen: Screen): string[] {
  return [
    ...planCounts(plan, screen),
    ...plan.changes.flatMap(change => ['', ...changeLines(change, screen)]),
    ...(plan.more_changes ? ['', '…and more changes than are shown.'] : [])
  ]
}

export function planCounts(plan: ReplayPlan, { paint }: Screen): string[] {
  const { deliveries, more_deliveries, too_old, examined, complete, unread, not_examined } = plan
  if (deliveries === 0) {
    return [`There is nothing to run again${too_old === 0 ? '' : `: ${tooOld(too_old)}`}.`]
  }
  const atLeast = more_deliveries ? 'At least ' : ''
  return [
    `${atLeast}${countOf(deliveries, 'delivery', 'deliveries')} would run again${too_old === 0 ? '' : `; left out: ${tooOld(too_old)}`}.`,
    `At Seam: ${effectsOf(plan).join(', ')}.`,
    ...(unread === 0
      ? []
      : [
          `For ${countOf(unread, 'delivery', 'deliveries')} the platform would be asked first; the result is not known.`
        ]),
    ...not_examined.map(
      ({ reason, count }) => `Not worked out for ${countOf(count, 'delivery', 'deliveries')}: ${reason}`
    ),
    ...(complete ? [] : [paint(`${counted(examined)} were examined; there may be more changes.`, 'warn')])
  ]
}

function effectsOf({ changes, more_changes, unchanged }: ReplayPlan): string[] {
  const of = (effect: PlannedChange['effect']) =>
    counted(changes.filter(each => each.effect === effect).length)
  return [
    `${of('push')} would be pushed`,
    `${of('delete')} deleted`,
    `${of('hold')} held back`,
    ...(more_changes ? ['and more'] : []),
    `${counted(unchanged)} ${unchanged === 1 ? 'stays as it is' : 'stay as they are'}`
  ]
}

function tooOld(count: number): string {
  return `${counted(count)} too old`
}

function changeLines(change: PlannedChange, screen: Screen): string[] {
  const { effect, kind, key, reason, deliveries } = change
  const { paint } = screen
  const why = reason === null ? '' : `: ${reason}`
  const [first, ...others] = deliveries
  const more = others.length === 0 ? '' : ` and ${others.length} more`
  const by = first === undefined ? '' : paint(`  by ${first}${more}`, 'dim')
  return [
    `${paint(effect.padEnd(6), tones[effect])}  ${kind} ${key}${why}${by}`,
    ...differences(change, screen)
  ]
}

/** Field by field what is otherwise; masked, both may look the same. */
function differences({ fields, before, after }: PlannedChange, { paint }: Screen): string[] {
  const [was, is] = [valuesIn(before), valuesIn(after)]
  const width = Math.max(0, ...fields.map(widthOf))
  return fields.map(name => {
    const values = [
      ...(was[name] === undefined ? [] : [paint(`- ${textOf(was[name])}`, 'bad')]),
      ...(is[name] === undefined ? [] : [paint(`+ ${textOf(is[name])}`, 'good')])
    ]
    return `          ${paint(padded(name, width), 'dim')}  ${values.join('  ')}`
  })
}

function valuesIn(resource: unknown): Record<string, unknown> {
  return (resource ?? {}) as Record<string, unknown>
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
