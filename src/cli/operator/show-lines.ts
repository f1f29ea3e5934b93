import type { CustomerReport, WorkspaceReport } from '../../operate/schemas/customers.ts'
import type { MadeCall, WholeDelivery } from '../../operate/schemas/deliveries.ts'
import type { LifeSent, LifeTold, ListedResource, WholeResource } from '../../operate/schemas/resources.ts'
import type { SearchResult } from '../../operate/schemas/search.ts'
import { durationOf, type Moments } from '../terminal/moments.ts'
import type { Screen, Tone } from '../terminal/screen.ts'
import { type Cell, factLines, tableLines } from '../terminal/table.ts'
import { eventsIn, stateTones } from './deliveries.ts'
import { pausedText } from './pauses.ts'

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

const tones: Record<ListedResource['state'], Tone> = {
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
    `${paint(`${stay.kind} ${stay.key}`, 'strong')}  ${paint(stay.state, tones[stay.state])}`,
    ...factLines(screen, [
      ['at Seam', { text: verdictOf(shown, moments), tone: tones[stay.state] }],
      ['booking', stay.booking ?? 'none'],
      ['customer', `${stay.customer_key}, workspace ${stay.workspace}`],
      ['connection', stay.connection],
      ...fact('begins', stay.starts_at && momentText(stay.starts_at, moments)),
      ['last written', momentText(stay.updated_at, moments)],
      ...named.map((each): [string, Cell] => [
        each.kind,
        { text: `${each.key}: ${because(each.state, each.reason)}`, tone: tones[each.state] }
      ]),
      ...[stay, ...named].flatMap(each =>
        each.warnings.map((text): [string, Cell] => ['warning', { text, tone: 'warn' }])
      )
    ]),
    ...section(screen, 'What Seam shall hold', fieldLines(screen, resource?.fields)),
    ...section(
      screen,
      `Its life, in ${moments.zone}`,
      resource === undefined
        ? ['  Its key is masked, so its life is found with --reveal only.']
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
      return 'Seam has it as it shall be.'
    case 'gone':
      return 'Seam is not to hold it, and does not.'
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
    : 'a delivery that is not kept any more'
  const meant = outcomeText(outcome, note)
  const tone = outcomeTones[outcome]
  return [
    `  ${at}  ${from} ${screen.paint(meant, tone)}${revision === null ? '' : `, revision ${revision}`}`,
    `  ${' '.repeat(moments.local(each.at).length)}    ${screen.paint(`delivery ${delivery.id}`, 'dim')}`
  ]
}

const outcomeTones: Record<LifeTold['outcome'], Tone> = {
  changed: 'strong',
  unchanged: 'dim',
  stale: 'warn',
  held: 'warn'
}

function outcomeText(outcome: LifeTold['outcome'], note: string | null): string {
  const words = {
    changed: 'changed it',
    unchanged: 'told nothing new',
    stale: 'came too late: something newer was known',
    held: 'changed it, and it is held'
  }
  return because(words[outcome], note)
}

function callText(
  { operation, status, duration_ms, error, seam_request_id }: MadeCall,
  screen: Screen
): string {
  const said =
    error === null
      ? screen.paint(`Seam took it (${status})`, 'good')
      : screen.paint(`Seam ${status === null ? 'did not answer' : `said ${status}`}: ${error}`, 'bad')
  const request = seam_request_id === null ? '' : `, seam-request-id ${seam_request_id}`
  return `${operation} → ${said} ${screen.paint(`in ${durationOf(duration_ms)}${request}`, 'dim')}`
}

/** A delivery whole: where it stands, what it did, and its request. */
export function deliveryLines(delivery: WholeDelivery, screen: Screen, moments: Moments): string[] {
  const { verification, body } = delivery
  const by = verification.by ?? 'a connection that is not in the settings any more'
  return [
    `${screen.paint(`delivery ${delivery.id}`, 'strong')}  ${screen.paint(delivery.state, stateTones[delivery.state])}`,
    ...factLines(screen, [
      ['connection', `${delivery.connection} (${delivery.platform})`],
      ['received', momentText(delivery.received_at, moments)],
      ...fact('ended', delivery.done_at && momentText(delivery.done_at, moments)),
      ...fact('next', delivery.due_at && momentText(delivery.due_at, moments)),
      ...fact('platform id', delivery.platform_id),
      ['tries', String(delivery.attempts)],
      ['verified by', by],
      ...fact('error', delivery.error),
      ['said', eventsIn(delivery) || 'nothing by now'],
      ...fact('replay', delivery.replayable ? null : 'too old: its body is not kept any more')
    ]),
    ...section(
      screen,
      'What became of it',
      delivery.events.map(each => `  ${each.type}: ${because(each.outcome, each.reason)}`)
    ),
    ...section(
      screen,
      'What it did',
      delivery.changes.flatMap(each => [
        `  ${each.kind} ${each.key}: ${outcomeText(each.outcome, each.note)}${each.state === null ? '' : `; now ${each.state}`}`,
        ...each.warnings.map(text => `    ${screen.paint(`Warning: ${text}`, 'warn')}`),
        ...each.calls.map(
          call => `    ${screen.paint(moments.local(call.at), 'dim')}  ${callText(call, screen)}`
        )
      ])
    ),
    ...(delivery.more_changes ? ['  …and more.'] : []),
    ...section(screen, 'Headers', factLines(screen, Object.entries(delivery.headers))),
    ...section(screen, `Body, ${body.bytes} bytes`, bodyLines(body))
  ]
}

function bodyLines({ kept, masked, text, base64 }: WholeDelivery['body']): string[] {
  if (!kept) return ['  not kept any more']
  if (text !== null) return text.split('\u240a').map(line => `  ${line}`)
  if (base64 !== null) return [`  ${base64}`]
  return masked === null ? ['  no JSON, so it is shown with --reveal only'] : jsonLines(masked)
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

function jsonLines(value: unknown): string[] {
  return JSON.stringify(value, undefined, 2)
    .split('\n')
    .map(line => `  ${line}`)
}

/** What was found where it is not one booking. */
export function foundTable({ data }: SearchResult, screen: Screen, moments: Moments): string[] {
  const rows = data.flatMap(({ label, resource, stays }) => [
    rowOf(label, resource, moments),
    ...stays.map(stay => rowOf('', stay, moments))
  ])
  return tableLines(
    screen,
    [
      { title: 'KIND' },
      { title: 'KEY', least: 16 },
      { title: 'NAME', least: 8 },
      { title: 'STATE' },
      { title: 'BOOKING', least: 12, mayGo: true },
      { title: `BEGINS (${moments.zone})`, least: 19 }
    ],
    rows
  )
}

function rowOf(label: string, resource: ListedResource, moments: Moments): Cell[] {
  const { kind, key, state, booking, starts_at } = resource
  return [
    kind,
    key,
    label,
    { text: state, tone: tones[state] },
    booking ?? '',
    starts_at === null ? '' : moments.local(starts_at)
  ]
}

function section({ paint }: Screen, heading: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ['', paint(heading, 'strong'), ...lines]
}

function fact(name: string, value: string | null): [string, string][] {
  return value === null ? [] : [[name, value]]
}

function momentText(instant: string, moments: Moments): string {
  const age = moments.age(instant)
  return `${moments.full(instant)}, ${Date.parse(instant) > moments.now ? `in ${age}` : `${age} ago`}`
}

function because(what: string, reason: string | null): string {
  return reason === null || reason === '' ? what : `${what}: ${reason}`
}
