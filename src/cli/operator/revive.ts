import { isId } from '../../model/ids.ts'
import type { DeadLetters, NewRevival } from '../../operate/schemas/dead-letters.ts'
import type { WholeDelivery } from '../../operate/schemas/deliveries.ts'
import type { JobReport } from '../../operate/schemas/jobs.ts'
import { harmless } from '../terminal/harmless.ts'
import { countOf } from '../terminal/moments.ts'
import { listed, usage } from '../usage.ts'
import { pathOf } from './client.ts'
import { groupNamed, handled } from './dead.ts'
import { atDesk, type Desk, type OperatorCommand } from './desk.ts'
import { followJob } from './follow-job.ts'

export interface ReviveCommand extends OperatorCommand {
  /** Groups as `seam-relay dead` names them, or ids of deliveries. */
  which: string[]
  /** False: it runs on without anybody who looks. */
  wait?: boolean | undefined
  everyMs?: number
}

/** `seam-relay revive`: dead and held deliveries run again, and what Seam refused is sent again. @returns the exit code */
export function revive(command: ReviveCommand): Promise<number> {
  return atDesk(command, async desk => {
    const bodies = await bodiesOf(desk, command.which)
    let code = 0
    for (const body of bodies) {
      const job = await desk.post<JobReport>('/dead-letters/revive', body)
      desk.note(
        `Job ${job.id} gives ${job.total === null ? 'them' : countOf(job.total, 'dead letter')} another try.`
      )
      if (command.wait === false) {
        if (desk.json) desk.sayJson(job)
      } else code = Math.max(code, await followJob(desk, job, command))
    }
    return code
  })
}

/** @throws RelayError RELAY_BAD_REQUEST for what names none */
async function bodiesOf(desk: Desk, which: string[]): Promise<NewRevival[]> {
  const ids = which.filter(isId)
  const names = which.filter(each => !ids.includes(each))
  const groups = names.length === 0 ? [] : await groupsOf(desk, names)
  const stopped: { of: 'dead' | 'held'; id: string }[] = []
  for (const id of new Set(ids)) stopped.push({ of: await stateOf(desk, id), id })
  return [
    ...groups.map(({ of, group }) => ({ of, group })),
    ...[...Map.groupBy(stopped, each => each.of)].map(([of, list]) => ({
      of,
      ids: list.map(each => each.id)
    }))
  ]
}

async function groupsOf(desk: Desk, names: string[]): Promise<DeadLetters[]> {
  const { data } = await desk.getRaw<{ data: DeadLetters[] }>('/dead-letters')
  return names.map(name => {
    const group = groupNamed(name, data)
    if (group !== undefined) return group
    const known = handled(data).map(each => each.handle)
    const there = known.length === 0 ? 'there are none' : `there are:${listed(known)}`
    throw usage(`revive: there is no group ${harmless(name)}; ${there}`)
  })
}

async function stateOf(desk: Desk, id: string): Promise<'dead' | 'held'> {
  const delivery = await desk.find<WholeDelivery>(`/deliveries${pathOf(id)}`)
  if (delivery === undefined) throw usage(`revive: there is no delivery ${id}`)
  const { state } = delivery
  if (state === 'dead' || state === 'held') return state
  throw usage(
    `revive: delivery ${id} is ${state}, and not a dead letter; "seam-relay replay ${id}" runs it again`
  )
}
