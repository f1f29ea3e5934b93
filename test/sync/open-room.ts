import { pino } from 'pino'
import type { Operation } from '../../src/model/call.ts'
import { idSource } from '../../src/model/ids.ts'
import type { Seam } from '../../src/seam/seam.ts'
import { storeRooms } from '../../src/store/rooms.ts'
import { syncRoom } from '../../src/sync/sync.ts'
import { emptyStore } from '../store/empty-store.ts'

/** The room alone over an empty store, for changes that are written into it by hand. */
export async function openRoom(call: (operation: Operation, body: object) => void) {
  const store = await emptyStore()
  const rooms = storeRooms(store)
  const seam: Seam = {
    async call(operation, body) {
      call(operation, body)
      return { status: 200, requestId: undefined }
    },
    close: async () => undefined
  }
  const room = (outbox = rooms.outbox) =>
    syncRoom({
      store,
      queries: rooms.queries,
      outbox,
      offboarding: rooms.offboarding,
      seamOf: () => seam,
      limits: { resources: 500, bytes: 512 * 1024 },
      atOnce: 1,
      workspaces: 1,
      leaseMs: 25_000,
      now: () => 1_000,
      random: () => 0.5,
      nextId: idSource(() => 1_000),
      log: pino({ level: 'silent' })
    })
  return { store, ...rooms, room }
}
