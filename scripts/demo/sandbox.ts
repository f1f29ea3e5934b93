import { request } from 'undici'
import type { BehaviourSetting } from '../../src/sandbox/behaviour.ts'
import type { CallRecord } from '../../src/sandbox/call-log.ts'
import type { SandboxView } from '../../src/sandbox/memory.ts'
import type { CustomerView } from '../../src/sandbox/state.ts'

/** The stand-in for Seam, seen and spoken to from outside. */
export class Sandbox {
  readonly #origin: string

  constructor(origin: string) {
    this.#origin = origin
  }

  /** What it holds of a customer; empty where it knows no such customer. */
  async held(customerKey: string): Promise<CustomerView> {
    const query = new URLSearchParams({ customer_key: customerKey })
    const { workspaces } = (await this.#get(`/sandbox/state?${query}`)) as SandboxView
    const customers = workspaces.flatMap(workspace => workspace.customers)
    return customers[0] ?? { customer_key: customerKey, resources: {}, stays: [] }
  }

  /** Every call that reached it, in order. */
  async calls(): Promise<CallRecord[]> {
    const { calls } = (await this.#get('/sandbox/calls')) as { calls: CallRecord[] }
    return calls
  }

  async misbehave(behaviour: BehaviourSetting): Promise<void> {
    const reply = await request(`${this.#origin}/sandbox/behaviour`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(behaviour)
    })
    await reply.body.dump()
  }

  async #get(path: string): Promise<unknown> {
    const reply = await request(`${this.#origin}${path}`)
    return reply.body.json()
  }
}

/** Whether its caller has to make the call again. */
export function hasFailed({ status }: CallRecord): boolean {
  return status === 'reset' || status >= 400
}
