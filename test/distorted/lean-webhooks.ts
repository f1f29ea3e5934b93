import type { SampleDelivery } from '../../src/platforms/samples.ts'
import { membersOf } from '../../src/platforms/told.ts'

/** Samples whose webhooks tell all that there is, as the platform sends them where the rest has to be read. */
const lean: Record<string, (sample: SampleDelivery) => SampleDelivery> = {
  /** Without the scopes for properties and guests. */
  hospitable(sample) {
    const body = JSON.parse(sample.body)
    const { properties: _properties, guest: _guest, ...data } = membersOf(body.data)
    return { ...sample, body: JSON.stringify({ ...body, data }) }
  },
  /** Of a subscription so old that it only names the scheduled event. */
  calendly(sample) {
    const body = JSON.parse(sample.body)
    const { scheduled_event, ...payload } = membersOf(body.payload)
    const { uri } = membersOf(scheduled_event)
    const id = String(uri).split('/').at(-1)
    return {
      ...sample,
      body: JSON.stringify({ ...body, payload: { ...payload, event: uri } }),
      world: { ...sample.world, [`scheduled_events/${id}`]: scheduled_event }
    }
  }
}

export function leanest(platform: string, sample: SampleDelivery): SampleDelivery {
  return lean[platform]?.(sample) ?? sample
}
