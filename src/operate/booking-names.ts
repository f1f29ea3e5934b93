import type { BookingNames } from '../store/operate-deliveries.ts'
import type { OperateRoom } from './operate.ts'

/** A booking as operators write it: with or without the prefix of its connection. */
export function bookingNames(
  booking: string,
  { connections, workspaces }: Pick<OperateRoom, 'connections' | 'workspaces'>
): BookingNames {
  const lanes = new Map(
    connections.map(({ workspaceId, customerKey }) => [
      JSON.stringify([workspaceId, customerKey]),
      { workspaceId, customerKey }
    ])
  )
  return {
    keys: [booking, ...connections.map(({ id }) => `${id}:${booking}`)],
    lanes: [...lanes.values()],
    workspaces
  }
}
