import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { openStore, type Store } from '../src/store/store.ts'
import { emptyDatabase } from './postgres/empty-database.ts'

/** An engine that relays of tests run on. */
export interface TestEngine {
  name: string
  /** The address of a store that holds nothing and that nobody else uses; gone with the test. */
  address(t: Pick<Test, 'teardown'>): Promise<string>
}

export const sqlite: TestEngine = { name: 'SQLite', address: async () => 'file::memory:' }

/** Where, unlike in memory, reads go over a connection of their own. */
export const sqliteOnFile: TestEngine = {
  name: 'SQLite on a file',
  async address(t) {
    const folder = mkdtempSync(join(tmpdir(), 'seam-relay-engine-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    return `file:${folder}/relay.db`
  }
}

export const postgres: TestEngine = { name: 'PostgreSQL', address: emptyDatabase }

/** A store that holds nothing. Whoever opens it closes it. */
export async function openEmpty(t: Pick<Test, 'teardown'>, engine: TestEngine): Promise<Store> {
  return openStore(await engine.address(t))
}

/** How often a property is tried. @param ordinary unless RUNS says otherwise */
export function runs(ordinary: number): number {
  return Number(process.env.RUNS ?? ordinary)
}
