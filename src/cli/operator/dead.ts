import { hash } from 'node:crypto'
import { CALLERS } from '../../model/call.ts'
import { DAY_MS } from '../../model/durations.ts'
import type { ConnectionReport } from '../../operate/schemas/connections.ts'
import type { DeadLetters } from '../../operate/schemas/dead-letters.ts'
import type { ListedRejection } from '../../operate/schemas/rejected.ts'
import { counted, countOf, type Moments } from '../terminal/moments.ts'
import type { Screen, Tone } from '../terminal/screen.ts'
import { type Cell, tableLines } from '../terminal/table.ts'
import { atDesk, type Desk, type OperatorCommand } from './desk.ts'
import { listOf } from './pages.ts'

/** A group with the word by which people name it. */
export interface Handled {
  handle: string
  group: DeadLetters
}

/** Of what was refused longer ago, as a rule somebody knows. */
const REFUSED_WITHIN_MS = DAY_MS
/** Newest first: enough to tell whose they are. */
const MOST_REFUSED = 1_000

const LEFT = 'is no longer in the settings.'
const PUT_BACK = 'put it back there and start the relay again'

/** `seam-relay dead`: what does not go on by itself, by cause. */
export function dead(command: OperatorCommand): Promise<number> {
  return atDesk(command, async desk => {
    const { data } = await desk.get<{ data: DeadLetters[] }>('/dead-letters')
    const groups = handled(data)
    if (desk.json) {
      desk.sayJson({ data: groups.map(({ handle, group }) => ({ handle, ...group })) })
      return 0
    }
    if (groups.length === 0) {
      desk.say('There are no dead letters.')
    } else {
      for (const line of deadTable(groups, desk.screen, desk.moments())) desk.say(line)
      const all = data.reduce((sum, each) => sum + each.count, 0)
      desk.say(`${countOf(all, 'dead letter')}. Once the cause is fixed: seam-relay revive <group>`)
    }
    const refused = await refusedOf(desk, command.now() - REFUSED_WITHIN_MS)
    const known = await knownConnections(desk)
    for (const line of [...leftLines(data, known), ...refusedLines(refused, known)]) desk.say(line)
    return 0
  })
}

async function knownConnections(desk: Desk): Promise<Set<string>> {
  const { rows } = await listOf<ConnectionReport>(desk, '/connections', {})
  return new Set([CALLERS, ...rows.map(each => each.id)])
}

/** Deliveries of a connection that has left the settings would only be held once more. */
function leftLines(groups: DeadLetters[], known: Set<string>): string[] {
  const left = new Set(groups.flatMap(({ connection }) => connection ?? []).filter(id => !known.has(id)))
  return [...left].map(id => `${id} ${LEFT} Before you revive what came of it, ${PUT_BACK}.`)
}

/** Requests that were not taken in became no deliveries, and so no dead letters; they too wait for somebody. */
async function refusedOf(desk: Desk, since: number): Promise<Map<string, ListedRejection[]>> {
  const { rows } = await listOf<ListedRejection>(desk, '/rejected', {}, MOST_REFUSED)
  const recent = rows.filter(each => Date.parse(each.received_at) >= since)
  return Map.groupBy(recent, each => each.connection)
}

function refusedLines(refused: Map<string, ListedRejection[]>, known: Set<string>): string[] {
  return [...refused].map(([connection, { length }]) => {
    const many = `${countOf(length, 'request')} of ${connection} refused within 24 h.`
    return known.has(connection)
      ? `${many} Once the cause is fixed: seam-relay replay --rejected ${connection}`
      : `${many} It ${LEFT} Let the platform send nothing there any more, or ${PUT_BACK}.`
  })
}

/** Fewer digits would soon name two. */
const LEAST_DIGITS = 4

/** Of the group's name, which may begin with a sign that begins options: as short as it may be and name one still. */
export function handled(groups: DeadLetters[]): Handled[] {
  const digests = groups.map(digestOf)
  return groups.map(group => {
    const digest = digestOf(group)
    const others = digests.filter(each => each !== digest)
    let digits = LEAST_DIGITS
    while (others.some(each => each.startsWith(digest.slice(0, digits)))) digits += 1
    return { handle: digest.slice(0, digits), group }
  })
}

/** @param name a handle, more of it, or the group's whole name @returns undefined where it names none, or several */
export function groupNamed(name: string, groups: DeadLetters[]): DeadLetters | undefined {
  const found = groups.filter(each => each.group === name || digestOf(each).startsWith(name))
  return new Set(found.map(digestOf)).size === 1 && name.length >= LEAST_DIGITS ? found[0] : undefined
}

function digestOf({ group }: DeadLetters): string {
  return hash('sha256', group)
}

const tones: Record<DeadLetters['of'], Tone> = { dead: 'bad', held: 'warn', refused: 'bad' }

export function deadTable(groups: Handled[], screen: Screen, moments: Moments): string[] {
  return tableLines(
    screen,
    [
      { title: 'GROUP' },
      { title: 'STATE' },
      { title: 'OF', least: 10 },
      { title: 'COUNT', align: 'right' },
      { title: 'FIRST', align: 'right' },
      { title: 'LAST', align: 'right' },
      { title: 'CAUSE', least: 20 }
    ],
    groups.map(({ handle, group }): Cell[] => [
      { text: handle, tone: 'strong' },
      { text: group.of, tone: tones[group.of] },
      `${group.connection ?? group.kind}`,
      counted(group.count),
      moments.age(group.first_at),
      moments.age(group.last_at),
      group.code === null ? group.cause : `${group.cause} (${group.code})`
    ])
  )
}
