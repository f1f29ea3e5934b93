import { suggestion } from '../../config/nearest.ts'
import { CALLERS } from '../../model/call.ts'
import type { ConnectionReport } from '../../operate/schemas/connections.ts'
import type { ListedDelivery } from '../../operate/schemas/deliveries.ts'
import { usage } from '../usage.ts'
import type { Desk } from './desk.ts'
import { listOf } from './pages.ts'

/**
 * Of a mistyped connection nothing would ever be found, which looks as though nothing came. One that has left the settings is known as long
 * as anything of it is kept. @throws RelayError RELAY_BAD_REQUEST
 */
export async function refuseUnknownConnection(desk: Desk, id: string | undefined): Promise<void> {
  if (id === undefined || id === CALLERS) return
  const { rows } = await listOf<ConnectionReport>(desk, '/connections', {})
  const known = rows.map(each => each.id)
  if (known.includes(id)) return
  const { rows: kept } = await listOf<ListedDelivery>(desk, '/deliveries', { connection: id }, 1)
  if (kept.length > 0) return
  throw usage(`there is no connection ${id}${suggestion(id, known)}`)
}
