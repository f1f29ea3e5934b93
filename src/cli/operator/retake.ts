import type { Retaken } from '../../operate/schemas/rejected.ts'
import { counted } from '../terminal/moments.ts'
import { atDesk, type OperatorCommand } from './desk.ts'

export interface RetakeCommand extends OperatorCommand {
  connection: string
}

/** Requests that were refused are judged again, by today's settings. */
export function retakeRejected(command: RetakeCommand): Promise<number> {
  const { connection } = command
  return atDesk(command, async desk => {
    const reply = await desk.post<Retaken>('/rejected/retake', { connection })
    const { taken, still_refused } = reply
    if (desk.json) desk.sayJson(reply)
    else if (taken + still_refused.length === 0) desk.say(`No rejected request of ${connection} is kept.`)
    else {
      if (taken > 0) desk.say(`${counted(taken)} taken in.`)
      for (const { cause, count } of still_refused) desk.say(`${counted(count)} still refused: ${cause}`)
    }
    return 0
  })
}
