import type { Retaken } from '../../operate/schemas/rejected.ts'
import { some } from '../ages.ts'
import { act } from '../api.ts'
import { pageOf } from '../links.ts'
import { say } from '../notices.ts'
import { Action } from '../parts/action.tsx'
import { causeInWords } from '../words.ts'

/** After a secret was mended, what was refused for it is verified again. */
export function Retake({ connection, reload, is = '' }: { connection: string; reload(): void; is?: string }) {
  return (
    <Action
      label="Take in again"
      is={is}
      confirm={{
        title: `Take the rejected requests of ${connection} in again?`,
        verb: 'Take in again',
        text: (
          <p>
            Each one that is kept is verified anew, with the settings of now. What proves itself is taken in;
            the rest stays where it is.
          </p>
        )
      }}
      run={async () => {
        const { taken, still_refused: refused } = await act<Retaken>('POST', '/rejected/retake', {
          connection
        })
        const left = refused.map(each => `${each.count} as ${causeInWords(each.cause)}`).join(', ')
        say(
          `${some(taken, 'request')} of ${connection} taken in.${left === '' ? '' : ` Still refused: ${left}.`}`,
          taken > 0 ? pageOf.list('deliveries', { connection }) : undefined
        )
        reload()
      }}
    />
  )
}
