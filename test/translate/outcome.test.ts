import t from 'tap'
import { hospitable } from '../../src/platforms/hospitable/hospitable.ts'
import type { Platform } from '../../src/platforms/platform.ts'
import { readEvents } from '../../src/translate/outcome.ts'
import { deliveryOf, demoConnection } from '../platforms/contract.ts'

async function typeTold(action: string, platform: Platform = hospitable): Promise<string | undefined> {
  const body = JSON.stringify({ action, data: { id: 'r1' } })
  const [event] = await readEvents(platform, deliveryOf(demoConnection(hospitable), { body }))
  return event?.type
}

t.test('an event whose name is told in another case is the same event', async t => {
  t.equal(await typeTold('reservation.changed'), 'reservation.changed')
  t.equal(await typeTold('Reservation.CHANGED'), 'reservation.changed')
  t.equal(await typeTold('MESSAGE.created'), 'message.created', 'an ignored one too')
  t.equal(await typeTold('Reservation.Renamed'), 'Reservation.Renamed', 'any other is told as it was')
})

t.test('where nothing was read of an event, because its name is not known, it stays unknown', async t => {
  const byName = { ...hospitable, readEvents: () => [{ type: 'Message.Created', payload: undefined }] }
  t.equal(await typeTold('', byName), 'Message.Created')
})
