import { RelayError } from '../errors.ts'
import type { Connection } from '../model/connection.ts'
import { type ConnectionSettings, NONE } from './connection-settings.ts'
import { dialectOf } from './dialect.ts'
import type { Store } from './store.ts'
import type { Tables } from './tables.ts'
import { away } from './unavailable.ts'
import { prepare, type Write, write } from './write.ts'

/** The settings of a process. */
interface OwnSettings {
  connections: Connection[]
  hashOf(connection: Connection): string
}

/** What is drawn by a process stays, so it has to be drawn with the settings that the newest process on the store has. */
export interface SettingsGuard {
  /** Undo the commit where one of the connections has other settings by now. */
  holds(connectionIds: Iterable<string>): Write[]
  /** @throws RelayError RELAY_STORE_UNAVAILABLE where one of the connections has other settings by now */
  check(connectionIds: Iterable<string>): Promise<void>
  /**
   * Connections that are for newer processes; as it was a second ago at most. Those of which no such process has been heard for a
   * minute are taken back: a rollout was undone, or a process of before it was started again and has ended since.
   */
  outgrown(): Promise<string[]>
}

interface GuardOptions {
  now(): number
  /** From now on these are left to newer processes. */
  onLeft?(connectionIds: string[]): void
  onTakenBack?(connectionIds: string[]): void
}

const SEEN_FOR_MS = 1_000
/** So often one of the processes with a connection's settings says so. */
const HEARD_EVERY_MS = 10_000
const SILENT_FOR_MS = 60_000
/** Whoever has not looked for so long may have been without the store, as the others may have been. */
const LOOKED_MS = 20_000

export function settingsGuardOf(
  store: Store,
  { known, drawnAgain }: Pick<ConnectionSettings, 'known' | 'drawnAgain'>,
  { connections, hashOf }: OwnSettings,
  { now, onLeft, onTakenBack }: GuardOptions
): SettingsGuard {
  const { db } = store
  const dialect = dialectOf(store)

  const asStored = prepare<Pick<Tables['connections'], 'id' | 'settings_hash'>>(row =>
    dialect.unchanged(
      db
        .selectFrom('connections')
        .select('id')
        .where('id', '=', row.id)
        .where('settings_hash', '=', row.settings_hash)
    )
  )

  const own = new Map(connections.map(each => [each.id, { connection: each, hash: hashOf(each) }]))
  const hashOfOwn = (id: string) => own.get(id)?.hash ?? NONE
  let seen: { at: number; outgrown: string[] } | undefined
  /** What was last heard of those with other settings, and since when nothing else, by looking all the time. */
  const silence = new Map<string, { heardAt: number; since: number }>()

  function others(stored: Map<string, Tables['connections']>): string[] {
    const ids = new Set([...stored.keys(), ...own.keys()])
    return [...ids].filter(id => (stored.get(id)?.settings_hash ?? NONE) !== hashOfOwn(id))
  }

  /** Other processes with the same settings need not say so as well. */
  async function sayHeard(stored: Map<string, Tables['connections']>): Promise<void> {
    const unheard = [...stored.values()].filter(
      ({ id, settings_hash, heard_at }) =>
        settings_hash === hashOfOwn(id) && (heard_at ?? 0) < now() - HEARD_EVERY_MS
    )
    if (unheard.length === 0) return
    const hashes = new Set(unheard.map(each => each.settings_hash))
    await store.commit([
      write(
        db
          .updateTable('connections')
          .set({ heard_at: now() })
          .where(
            'id',
            'in',
            unheard.map(each => each.id)
          )
          .where('settings_hash', 'in', [...hashes])
      )
    ])
  }

  /** Unless somebody else was faster, or what it told cannot be drawn again under these settings. */
  async function takeBack({ id, settings_hash, heard_at }: Tables['connections']): Promise<boolean> {
    const connection = own.get(id)?.connection
    const claim = write(
      db
        .updateTable('connections')
        .set({ settings_hash: hashOfOwn(id), heard_at: now() })
        .where('id', '=', id)
        .where('settings_hash', '=', settings_hash)
        .where('heard_at', '=', heard_at),
      { expect: 1 }
    )
    try {
      const drawn = connection === undefined ? [] : await drawnAgain(connection, now())
      return (await store.commit([claim, ...drawn])).committed
    } catch (error) {
      if (error instanceof RelayError && error.code === 'RELAY_CONFIG_INVALID') return false
      throw error
    }
  }

  /** No two clocks are compared: only whether anything was said. */
  function silentOf(rows: Tables['connections'][]): Tables['connections'][] {
    const at = now()
    if (seen === undefined || at - seen.at > LOOKED_MS) silence.clear()
    return rows.filter(({ id, heard_at: heardAt }) => {
      if (heardAt === null) return false
      const before = silence.get(id)
      if (before?.heardAt === heardAt) return at - before.since >= SILENT_FOR_MS
      silence.set(id, { heardAt, since: at })
      return false
    })
  }

  async function look(): Promise<string[]> {
    const stored = await known()
    await sayHeard(stored)
    const rows = others(stored).flatMap(id => stored.get(id) ?? [])
    const taken: string[] = []
    for (const row of silentOf(rows)) if (await takeBack(row)) taken.push(row.id)
    if (taken.length > 0) onTakenBack?.(taken)
    const outgrown = others(stored).filter(id => !taken.includes(id))
    const left = outgrown.filter(id => own.has(id) && seen?.outgrown.includes(id) !== true)
    if (left.length > 0) onLeft?.(left)
    return outgrown
  }

  return {
    holds(connectionIds) {
      const rows = [...new Set(connectionIds)].flatMap(id => {
        const settings_hash = own.get(id)?.hash
        return settings_hash === undefined ? [] : [{ id, settings_hash }]
      })
      return rows.length === 0 ? [] : [{ ...asStored(rows), expect: rows.length }]
    },

    async check(connectionIds) {
      const outgrown = others(await known())
      if (![...connectionIds].some(id => outgrown.includes(id))) return
      throw away('a relay with newer settings of the connection works on it')
    },

    async outgrown() {
      if (seen === undefined || now() - seen.at >= SEEN_FOR_MS) {
        seen = { at: now(), outgrown: await look() }
      }
      return seen.outgrown
    }
  }
}

/** A store that only one process works on, which was started with the settings that it has. */
export const alwaysCurrent: SettingsGuard = {
  holds: () => [],
  check: async () => undefined,
  outgrown: async () => []
}
