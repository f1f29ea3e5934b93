import type { CustomerReport, WorkspaceReport } from '../../operate/schemas/customers.ts'
import type { LifeSent, LifeTold, ListedResource, WholeResource } from '../../operate/schemas/resources.ts'
import { type Moments, momentText } from '../terminal/moments.ts'
import type { Screen, Tone } from '../terminal/screen.ts'
import { type Cell, fact, factLines, section } from '../terminal/table.ts'
import { pausedText } from './pauses.ts'
import { because, callText, outcomeText, outcomeTones } from './show-history.ts'

/** A reservation with what belongs to it. */
export interface Shown {
  stay: ListedResource
  /** Undefined where its key cannot be named as it is shown. */
  resource: WholeResource | undefined
  named: ListedResource[]
  customer: CustomerReport | undefined
  workspace: WorkspaceReport | undefined
  life: (LifeTold | LifeSent)[]
  more_life: boolean
}

export const resourceTones: Record<ListedResource['state'], Tone> = {
  synced: 'good',
  waiting: 'warn',
  held: 'warn',
  refused: 'bad',
  gone: 'dim'
}

/** The answer first, then what it rests on. */
export function stayLines(shown: Shown, screen: Screen, moments: Moments): string[] {
  const { stay, resource, named, life, more_life } = shown
  const { paint } = screen
  return [
    `${paint(`${stay.kind} ${stay.key}`, 'strong')}  ${paint(stay.state, resourceTones[stay.state])}`,
    ...factLines(screen, [
      ['at Seam', { text: verdictOf(shown, moments), tone: resourceTones[stay.state] }],
      ['booking', stay.booking ?? 'none'],
      ['customer', `${stay.customer_key}, workspace ${stay.workspace}`],
      ['connection', stay.connection],
      ...fact('begins', stay.starts_at && momentText(stay.starts_at, moments)),
      ['last written', momentText(stay.updated_at, moments)],
      ...named.map((each): [string, Cell] => [
        each.kind,
        { text: `${each.key}: ${because(each.state, each.reason)}`, tone: resourceTones[each.state] }
      ]),
      ...[stay, ...named].flatMap(each =>
        each.warnings.map((text): [string, Cell] => ['warning', { text, tone: 'warn' }])
      )
    ]),
    ...section(screen, 'What Seam should hold', fieldLines(screen, resource?.fields)),
    ...section(
      screen,
      `Its history, in ${moments.zone}`,
      resource === undefined
        ? ['  Its key is masked, so its history is found with --reveal only.']
        : life.flatMap(each => lifeLines(each, screen, moments))
    ),
    ...(more_life ? ['  …and more; GET …/life of the operator API has all of it.'] : [])
  ]
}

/** Where the reservation stands, in a sentence. */
function verdictOf(shown: Shown, moments: Moments): string {
  const { state, reason, refused_at } = shown.stay
  switch (state) {
    case 'synced':
      return 'Seam has it as it should be.'
    case 'gone':
      return 'Seam should not hold it, and does not.'
    case 'held':
      return `Held back: ${reason ?? 'something is missing'}.`
    case 'refused':
      return because(`Seam refused it${refused_at === null ? '' : ` ${moments.age(refused_at)} ago`}`, reason)
    case 'waiting':
      return `On its way to Seam${whyWaiting(shown, moments)}.`
  }
}

function whyWaiting({ customer, workspace }: Shown, moments: Moments): string {
  if (customer === undefined) return ''
  const { sending, not_before, error, due_at, due_for_seconds, paused } = customer
  if (paused !== null) return `; ${pausedText(paused)} is paused`
  if (sending) return ', being sent just now'
  if (workspace !== undefined && workspace.state !== 'works') return workspaceText(workspace, moments)
  if (not_before !== null)
    return `, tried again in ${moments.age(not_before)}${error === null ? '' : ` after: ${error}`}`
  if (due_at !== null && due_for_seconds === 0) return `, sent in ${moments.age(due_at)}`
  return due_at === null ? '' : `, due for ${moments.age(due_at)}`
}

/** The customer's own wait is within that of its workspace, as a rule. */
function workspaceText({ id, state, reason, until }: WorkspaceReport, moments: Moments): string {
  const what = state === 'stopped' ? `nothing is sent to workspace ${id}` : `workspace ${id} waits`
  const why = reason === null ? '' : `: ${reason}`
  return `; ${what}${why}${until === null ? '' : `; tried again in ${moments.age(until)}`}`
}

/** `2027-06-20 10:15:30  reservation.created of hostaway told …` and what that came to. */
function lifeLines(each: LifeTold | LifeSent, screen: Screen, moments: Moments): string[] {
  const at = screen.paint(moments.local(each.at), 'dim')
  if (each.type === 'sent') return [`  ${at}  ${callText(each, screen)}`]
  const { delivery, outcome, revision, note } = each
  const from = delivery.known
    ? `${delivery.event ?? 'a delivery'} of ${delivery.connection}`
    : 'a delivery that is no longer kept'
  const meant = outcomeText(outcome, note)
  const tone = outcomeTones[outcome]
  return [
    `  ${at}  ${from} ${screen.paint(meant, tone)}${revision === null ? '' : `, revision ${revision}`}`,
    `  ${' '.repeat(moments.local(each.at).length)}    ${screen.paint(`delivery ${delivery.id}`, 'dim')}`
  ]
}

function fieldLines(screen: Screen, fields: unknown): string[] {
  if (typeof fields !== 'object' || fields === null) return []
  return factLines(
    screen,
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value)
    ])
  )
}
