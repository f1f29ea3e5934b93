import type pg from 'pg'
import { showPresence } from './postgres-presence.ts'

export interface ListenOptions {
  connect(): pg.Client
  /** What this process tells itself it knows already. */
  self: string
  onTold(topic: string): void
}

export interface Ears {
  /** The connection may be of no use any more, and nobody would notice. */
  renew(): void
  close(): Promise<void>
}

const CHANNEL = 'seam_relay'
const RECONNECT_MS = 1_000
/** A topic is told at once, and then so often at most: notifications take their turns in the whole database. */
const TELL_EVERY_MS = 50

/**
 * Hears what other processes tell, on a connection of its own, which also shows that somebody is at work here. One that
 * breaks is opened again; meanwhile the loops look by themselves.
 */
export function listen({ connect, self, onTold }: ListenOptions): Ears {
  let client: pg.Client | undefined
  let again: NodeJS.Timeout | undefined
  let closed = false
  /** Set as soon as the first connection is opened, below. */
  let giveUp: () => void

  async function open(): Promise<void> {
    const opened = connect()
    client = opened
    opened.on('notification', ({ payload = '' }) => {
      const [topic = '', from] = payload.split(' ')
      if (from !== self) onTold(topic)
    })
    const broke = () => {
      if (client !== opened) return
      client = undefined
      void opened.end().catch(() => undefined)
      if (!closed) again = setTimeout(() => void open(), RECONNECT_MS)
    }
    giveUp = broke
    opened.on('error', broke)
    opened.on('end', broke)
    try {
      await opened.connect()
      await opened.query(`listen ${CHANNEL}`)
      if (!(await showPresence(opened))) broke()
    } catch {
      broke()
    }
  }

  void open()
  return {
    renew: () => giveUp(),
    async close() {
      closed = true
      clearTimeout(again)
      const last = client
      client = undefined
      await last?.end().catch(() => undefined)
    }
  }
}

/** A topic that was told just now. */
interface Rest {
  timer: NodeJS.Timeout
  /** It is to be told once more, when the rest is over. */
  again: boolean
}

/** Tells the other processes. @param notify one statement, outside of transactions: there it would make their commits wait for each other */
export function telling(
  notify: (channel: string, payload: string) => Promise<unknown>,
  self: string
): { tell(topic: string): void; close(): void } {
  const rests = new Map<string, Rest>()

  function tell(topic: string): void {
    const resting = rests.get(topic)
    if (resting !== undefined) {
      resting.again = true
      return
    }
    // Whoever does not hear it finds the work by looking.
    notify(CHANNEL, `${topic} ${self}`).catch(() => undefined)
    const end = () => {
      rests.delete(topic)
      if (rest.again) tell(topic)
    }
    const rest: Rest = { timer: setTimeout(end, TELL_EVERY_MS).unref(), again: false }
    rests.set(topic, rest)
  }

  return {
    tell,
    close() {
      for (const { timer } of rests.values()) clearTimeout(timer)
      rests.clear()
    }
  }
}
