import { deliveryClaimsOf } from './delivery-claims.ts'
import { deliveryEndsOf } from './delivery-ends.ts'
import { deliveryIntakeOf } from './delivery-intake.ts'
import { deliveryRerunsOf } from './delivery-reruns.ts'
import type { Store } from './store.ts'

export type Deliveries = ReturnType<typeof deliveriesOf>

/** The inbox: deliveries come in, are claimed, come to their end, and may run again. */
export function deliveriesOf(store: Store) {
  return {
    ...deliveryIntakeOf(store),
    ...deliveryClaimsOf(store),
    ...deliveryEndsOf(store),
    ...deliveryRerunsOf(store)
  }
}
