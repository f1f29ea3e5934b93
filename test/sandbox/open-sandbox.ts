import fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'
import type { BehaviourSetting } from '../../src/sandbox/behaviour.ts'
import type { CallRecord } from '../../src/sandbox/call-log.ts'
import type { SandboxView } from '../../src/sandbox/memory.ts'
import { type SandboxOptions, sandbox } from '../../src/sandbox/sandbox.ts'
import type { CustomerView } from '../../src/sandbox/state.ts'

export const KEY = 'seam_test_one'
export const OTHER_KEY = 'seam_test_two'
export const NOON = Date.parse('2026-07-01T12:00:00Z')

export interface OpenSandbox {
  app: FastifyInstance
  push(body: unknown, apiKey?: string): Promise<LightMyRequestResponse>
  remove(body: unknown, apiKey?: string): Promise<LightMyRequestResponse>
  behave(setting: BehaviourSetting): Promise<LightMyRequestResponse>
  view(): Promise<SandboxView>
  /** The customers of the only workspace. */
  customers(): Promise<CustomerView[]>
  calls(query?: string): Promise<CallRecord[]>
}

/** The plugin in a server that closes with the test. */
export async function openSandbox(t: Test, options: Partial<SandboxOptions> = {}): Promise<OpenSandbox> {
  const app = fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  await app.register(sandbox, {
    seamPrefix: '',
    apiKeys: [KEY, OTHER_KEY],
    platforms: {},
    settingsOf: () => ({}),
    now: () => NOON,
    ...options
  })
  const prefix = options.seamPrefix ?? ''
  const call = (name: string) => async (payload: unknown, apiKey: string) =>
    app.inject({
      method: 'POST',
      url: `${prefix}/customers/${name}`,
      headers: { authorization: `Bearer ${apiKey}` },
      payload: payload as object
    })
  const view = async (): Promise<SandboxView> => (await app.inject('/sandbox/state')).json()
  return {
    app,
    push: (body, apiKey = KEY) => call('push_data')(body, apiKey),
    remove: (body, apiKey = KEY) => call('delete_data')(body, apiKey),
    behave: setting => app.inject({ method: 'PUT', url: '/sandbox/behaviour', payload: setting }),
    view,
    customers: async () => (await view()).workspaces[0]?.customers ?? [],
    calls: async (query = '') => (await app.inject(`/sandbox/calls${query}`)).json().calls
  }
}

/** A push that gives access: a space, a guest and their stay. */
export function completeStay(key = 'r1', customer = 'acme') {
  return {
    customer_key: customer,
    spaces: [{ space_key: 's1', name: 'Loft' }],
    guests: [{ guest_key: 'g1', name: 'Kim', email_address: 'kim@example.com', phone_number: '+15550100' }],
    reservations: [
      {
        reservation_key: key,
        guest_key: 'g1',
        space_keys: ['s1'],
        starts_at: '2026-07-01T14:00:00Z',
        ends_at: '2026-07-03T10:00:00Z'
      }
    ]
  }
}
