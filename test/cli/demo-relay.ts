import { readFileSync } from 'node:fs'
import type { Test } from 'tap'
import { type Running, runUntilSignal } from './terminal.ts'

/** With what further commands in the same surroundings need. */
export type DemoRelay = Running & ReturnType<typeof demoFolder>

const demoConnections = readFileSync(new URL('../../connections.yaml', import.meta.url), 'utf8')

export interface DemoOptions {
  connections?: string
  env?: Record<string, string>
}

/** `seam-relay start` in this process, as somebody has it who has just unpacked it: the repository's connections, and the sandbox. */
export async function demoRelay(t: Test, { connections, env = {} }: DemoOptions = {}): Promise<DemoRelay> {
  const surroundings = demoFolder(t, { connections: connections ?? demoConnections, env })
  return { ...surroundings, ...(await runUntilSignal(t, ['start'], surroundings.env)) }
}

/** A data folder of its own, with a connections file. */
export function demoFolder(t: Test, { connections = demoConnections, env = {} }: DemoOptions = {}) {
  const folder = t.testdir({ 'connections.yaml': connections })
  return {
    folder,
    env: {
      PORT: '0',
      LOG_LEVEL: 'silent',
      DATABASE_URL: `file:${folder}/relay.db`,
      RELAY_SANDBOX_FILE: `${folder}/sandbox.db`,
      RELAY_CONNECTIONS_FILE: `${folder}/connections.yaml`,
      RELAY_QUIET_WINDOW_MS: '0',
      RELAY_DRAIN_DELAY_MS: '0',
      ...env
    }
  }
}
