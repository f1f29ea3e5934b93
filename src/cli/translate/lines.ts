import { guestRef, placeRef, prefixed } from '../../desired/keys.ts'
import type { Change } from '../../model/change.ts'
import type { Connection } from '../../model/connection.ts'
import { kindOfList, kinds } from '../../model/kind.ts'
import type { Platform } from '../../platforms/platform.ts'
import { type DryRun, isWhole, type PlaceRead } from './dry-run.ts'
import type { EventTold } from './events.ts'
import { changeLines, membersOf } from './words.ts'

const MOST_STACK_LINES = 3

/** What a dry run was about. */
export interface About {
  platform: Platform
  connection: Connection
  /** False where nobody named a connection. */
  named: boolean
  /** ISO 8601. */
  receivedAt: string
}

/** A dry run, for people. */
export function dryRunLines(about: About, run: DryRun): string[] {
  const { platform, connection } = about
  return [
    ...headLines(about, run),
    ...run.events.flatMap(event => ['', ...eventLines(event, platform.title)]),
    ...section(`${platform.title}’s API said`, run.places.flatMap(placeLine)),
    ...section(
      'Held, and what to do',
      run.held.flatMap(({ kind, key, reason, release }) => [`${kind} ${key}: ${reason}`, `  → ${release}`])
    ),
    ...section(
      'Left out',
      run.warnings.map(({ kind, key, warning }) => `${kind} ${key}: ${warning}`)
    ),
    ...section('Calls to Seam, by a relay that knows nothing else', callLines(run, connection)),
    '',
    isWhole(run) ? 'Nothing is missing.' : 'Not all of it would reach Seam; the reasons are above.'
  ]
}

/** The same for machines. The changes are as in the fixtures of an adapter. */
export function dryRunJson({ platform, connection, named, receivedAt }: About, run: DryRun): object {
  return {
    platform: platform.name,
    connection: named ? connection.id : null,
    verified_by: platform.verification.description,
    received_at: receivedAt,
    delivery_id: run.deliveryId ?? null,
    foreign_account: run.foreign,
    events: run.events.map(({ outcome, changes, reads, trouble }) => ({
      ...outcome,
      trouble,
      reads,
      changes
    })),
    places_read: run.places,
    held: run.held.map(({ kind, key, reason, release }) => ({ kind, key, reason, release })),
    warnings: run.warnings,
    calls: run.calls,
    whole: isWhole(run)
  }
}

function headLines({ platform, connection, named, receivedAt }: About, run: DryRun): string[] {
  const applied = named
    ? `${connection.id}, customer ${connection.customerKey}`
    : 'none, so no settings; --connection <id> applies those of one'
  const refused = 'the body names another account than the connection’s; the relay answers 401'
  const facts = [
    ['connection', applied],
    ['verified by', `${platform.verification.description}; not checked here`],
    ['delivery id', run.deliveryId ?? 'none here, so a repeat is translated again'],
    ['received', receivedAt],
    ...(run.foreign ? [['refused', refused]] : [])
  ]
  return [platform.title, ...facts.map(([name = '', value]) => `  ${name.padEnd(14)}${value}`)]
}

function eventLines({ outcome, changes, reads, trouble, failure }: EventTold, title: string): string[] {
  const { type, reason, code } = outcome
  const because = [reason === undefined ? '' : `: ${reason}`, code === undefined ? '' : ` (${code})`].join('')
  return [
    `${type || 'The body'}: ${outcome.outcome}${because}`,
    ...[
      ...consequence(outcome),
      ...(trouble === undefined ? [] : [`${title} was asked: ${trouble}; this is without its answer`]),
      ...reads.map(each => `to be read first: ${each}`),
      ...(failure === undefined ? [] : placesOf(failure)),
      ...changes.flatMap(changeLines)
    ].map(line => `  ${line}`)
  ]
}

/** What the relay does with an event that it does not take in; nothing where the reason says it all. */
function consequence({ outcome, code, drift }: EventTold['outcome']): string[] {
  if (outcome === 'held' && code?.startsWith('RELAY_PLATFORM_'))
    return ['asked again and again for a day and a half; after that it is a dead letter']
  if (outcome === 'dead') return ['kept as a dead letter, to be replayed once that is fixed']
  if (drift === 'unknown_status')
    return ['kept; the booking is left as it is until the adapter knows the word']
  return drift === 'unknown_event' ? ['kept, and counted as unknown; nothing is sent'] : []
}

/** An error with the first places of its stack; JSON that is none needs no places. */
function placesOf(failure: unknown): string[] {
  const text = failure instanceof Error && !(failure instanceof SyntaxError) ? failure.stack : failure
  return String(text).split('\n').slice(0, MOST_STACK_LINES)
}

function placeLine({ id, fields, trouble }: PlaceRead): string[] {
  if (trouble !== undefined) return [`place ${id} could not be read: ${trouble}`]
  return [`place ${id}: ${fields === undefined ? 'there is none' : membersOf(fields).join(', ')}`]
}

function callLines({ calls, held, events }: DryRun, connection: Connection): string[] {
  const made = calls.flatMap(({ operation, body }) => [
    operation,
    ...JSON.stringify(body, null, 2).split('\n')
  ])
  const changes = events.flatMap(event => event.changes)
  const unmade = [...new Set(changes.flatMap(change => deletionOf(change, connection)))]
  if (made.length + unmade.length > 0) return [...made, ...unmade]
  const isHeld = held.length > 0 || events.some(({ outcome }) => outcome.outcome === 'held')
  return [isHeld ? 'None: what is held is not sent.' : 'None: nothing here asks for one.']
}

/** Nothing is at Seam yet, so what takes something away causes no call here; elsewhere it may. */
function deletionOf(change: Change, connection: Connection): string[] {
  if (change.change === 'stays') {
    if (change.stays.length > 0) return []
    const key = prefixed(connection, change.bookingId)
    const { deleteList } = kinds[kindOfList(connection.lists.stay)]
    return [
      `No delete_data for booking ${change.bookingId}, which is not known here. ` +
        `Where Seam has it: ${deleteList} ${key}, or ${key}_<unit> for each of its rooms, then the guest if no other stay needs them.`
    ]
  }
  if (change.change !== 'remove') return []
  const { kind, key } = (change.kind === 'place' ? placeRef : guestRef)(connection, change.id)
  const { deleteList } = kinds[kind]
  const unless = change.kind === 'guest' ? ', once no stay needs them' : ''
  return [
    `No delete_data for ${change.kind} ${change.id}, which is not known here. Where Seam has it: ${deleteList} ${key}${unless}.`
  ]
}

function section(heading: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ['', heading, ...lines.map(line => `  ${line}`)]
}
