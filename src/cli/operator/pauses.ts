import type { PauseReport } from '../../operate/schemas/pauses.ts'
import type { Moments } from '../terminal/moments.ts'
import type { Screen } from '../terminal/screen.ts'
import { type Cell, tableLines } from '../terminal/table.ts'
import { usage } from '../usage.ts'
import { pathOf } from './client.ts'
import { atDesk, type Desk, type OperatorCommand } from './desk.ts'
import { listOf } from './pages.ts'

/** A connection, a workspace, or a customer of a workspace. */
export interface PausedThing {
  connection?: string | undefined
  workspace?: string | undefined
  customer?: string | undefined
}

export interface PauseCommand extends OperatorCommand, PausedThing {
  reason?: string | undefined
}

/** `seam-relay pause`: keeps something from going on; what comes is taken in and waits. Without a name, what is paused. */
export function pause(command: PauseCommand): Promise<number> {
  return atDesk(command, async desk => {
    const { connection, workspace, customer, reason } = command
    if (connection === undefined && workspace === undefined && customer === undefined) return tellPauses(desk)
    const made = await desk.post<PauseReport>('/pauses', {
      ...bodyOf(command),
      ...(reason !== undefined && { reason })
    })
    if (desk.json) desk.sayJson(made)
    else desk.say(`${capital(pausedText(made))} is paused; "seam-relay resume ${made.id}" lets it go on.`)
    return 0
  })
}

export interface ResumeCommand extends OperatorCommand, PausedThing {
  /** Of a pause. */
  id?: string | undefined
}

/** `seam-relay resume`: by the id of a pause, or by what is paused. @returns the exit code: 1 where it is not */
export function resume(command: ResumeCommand): Promise<number> {
  return atDesk(command, async desk => {
    const { id } = command
    const asked = id === undefined ? bodyOf(command) : undefined
    const { rows } = await listOf<PauseReport>(desk, '/pauses', {})
    const found = rows.filter(each => (asked === undefined ? each.id === id : isThat(each, asked)))
    for (const each of found) await desk.delete(`/pauses${pathOf(each.id)}`)
    if (desk.json) desk.sayJson({ resumed: found })
    else if (found.length === 0) desk.say('That is not paused; "seam-relay pause" shows what is.')
    else for (const each of found) desk.say(`${capital(pausedText(each))} is resumed.`)
    return found.length === 0 ? 1 : 0
  })
}

async function tellPauses(desk: Desk): Promise<number> {
  const { rows } = await listOf<PauseReport>(desk, '/pauses', {})
  if (desk.json) desk.sayJson({ data: rows })
  else if (rows.length === 0) desk.say('Nothing is paused.')
  else for (const line of pauseTable(rows, desk.screen, desk.moments())) desk.say(line)
  return 0
}

export function pauseTable(rows: PauseReport[], screen: Screen, moments: Moments): string[] {
  return tableLines(
    screen,
    [
      { title: 'PAUSE' },
      { title: 'WHAT', least: 16 },
      { title: `SINCE (${moments.zone})`, least: 19 },
      { title: 'BY', least: 8, mayGo: true },
      { title: 'REASON', least: 8 }
    ],
    rows.map((each): Cell[] => [
      each.id,
      pausedText(each),
      moments.local(each.since),
      each.by,
      each.reason ?? ''
    ])
  )
}

export function pausedText({ of, connection, workspace, customer_key }: PauseReport): string {
  if (of === 'connection') return `connection ${connection}`
  return of === 'workspace' ? `workspace ${workspace}` : `customer ${customer_key} of workspace ${workspace}`
}

type Body = { of: PauseReport['of']; connection?: string; workspace?: string; customer_key?: string }

/** @throws RelayError RELAY_BAD_REQUEST for what cannot be meant */
function bodyOf({ connection, workspace, customer }: PausedThing): Body {
  if (connection !== undefined && workspace === undefined && customer === undefined) {
    return { of: 'connection', connection }
  }
  if (connection === undefined && workspace !== undefined) {
    return customer === undefined
      ? { of: 'workspace', workspace }
      : { of: 'customer', workspace, customer_key: customer }
  }
  throw usage(
    'name one thing: --connection <id>, or --workspace <id>, or --workspace <id> with --customer <key>'
  )
}

function isThat(pause: PauseReport, { of, connection, workspace, customer_key }: Body): boolean {
  if (pause.of !== of) return false
  if (of === 'connection') return pause.connection === connection
  return pause.workspace === workspace && (of === 'workspace' || pause.customer_key === customer_key)
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
}
