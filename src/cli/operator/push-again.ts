import type { PushAgain } from '../../operate/schemas/customers.ts'
import { countOf } from '../terminal/moments.ts'
import { pathOf } from './client.ts'
import { atDesk, type OperatorCommand } from './desk.ts'

export interface PushAgainCommand extends OperatorCommand {
  customer: string
  workspace: string
}

/** `seam-relay push-again`: all that Seam shall hold of a customer is sent once more. */
export function pushAgain(command: PushAgainCommand): Promise<number> {
  const { customer, workspace } = command
  return atDesk(command, async desk => {
    const reply = await desk.post<PushAgain>(`/customers${pathOf(workspace, customer)}/push-again`, {})
    if (desk.json) desk.sayJson(reply)
    else
      desk.say(
        `${countOf(reply.resources, 'resource')} of ${customer} will be sent again; "seam-relay status" shows how far that is.`
      )
    return 0
  })
}
