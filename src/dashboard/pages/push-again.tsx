import type { PushAgain as PushedAgain } from '../../operate/schemas/customers.ts'
import { some } from '../ages.ts'
import { act } from '../api.ts'
import { askAt, type CustomerName } from '../links.ts'
import { say } from '../notices.ts'
import { Action } from '../parts/action.tsx'

/** Everything Seam shall hold of a customer is sent once more. */
export function PushAgain({ name, reload }: { name: CustomerName; reload(): void }) {
  return (
    <Action
      label="Push the customer again"
      confirm={{
        title: `Push all of ${name.customer_key} again?`,
        verb: 'Push again',
        text: (
          <p>
            Everything that Seam should hold of this customer is sent once more. That is harmless: what Seam
            has already stays as it is.
          </p>
        )
      }}
      run={async () => {
        const { resources } = await act<PushedAgain>('POST', `${askAt.customer(name)}/push-again`)
        say(
          `${some(resources, 'resource')} of ${name.customer_key} ${resources === 1 ? 'is' : 'are'} on the way to Seam again.`
        )
        reload()
      }}
    />
  )
}
