import { request } from 'undici'
import type { Connection } from '../../src/model/connection.ts'
import type { Platform } from '../../src/platforms/platform.ts'
import type { SampleBooking, SampleDelivery } from '../../src/platforms/samples.ts'
import { type Bookings, bookingsOf } from './bookings.ts'

export interface AccountOptions {
  platform: Platform
  connection: Connection
  /** Where the relay listens. */
  origin: string
  /** Another one for every account. */
  number: number
  /** ms since 1970, when the story begins. */
  startedAt: number
}

interface SignedRequest {
  address: URL
  headers: Record<string, string>
  body: Uint8Array
}

/** One account at one platform: what is true there, and the webhooks it sends. */
export class Account {
  readonly platform: Platform
  readonly connection: Connection
  readonly bookings: Bookings
  /** Requests made so far; the doubled ones are among the webhooks. */
  readonly sent = { webhooks: 0, doubled: 0 }
  readonly #origin: string
  readonly #truth = new Map<string, SampleBooking>()
  #serial = 0

  constructor({ platform, connection, origin, number, startedAt }: AccountOptions) {
    this.platform = platform
    this.connection = connection
    this.bookings = bookingsOf(connection.id, number, startedAt, connection.timeZone)
    this.#origin = origin
  }

  /** Every booking as the last true step left it, whatever the webhooks said of it and when. */
  get truth(): SampleBooking[] {
    return [...this.#truth.values()]
  }

  /** It becomes true, and the platform's API tells so from now on. @returns the webhooks about it, not yet sent */
  async happens(booking: SampleBooking): Promise<SampleDelivery[]> {
    const webhooks = this.tells(this.#truth.get(booking.id), booking)
    this.#truth.set(booking.id, booking)
    for (const { world = {} } of webhooks) await this.#changeWorld(world)
    return webhooks
  }

  /** The webhooks about a change, under ids of their own; at the platform nothing happens. */
  tells(before: SampleBooking | undefined, after: SampleBooking): SampleDelivery[] {
    this.#serial += 1
    const context = { connection: this.connection, now: after.updatedAt, serial: this.#serial }
    return this.platform.samples.tell(before, after, context)
  }

  /** Signs each webhook as the platform does and posts it, one behind the other. */
  async send(webhooks: SampleDelivery[]): Promise<void> {
    for (const webhook of webhooks) await this.#post(this.#signed(webhook))
  }

  /** As {@link send}, and each of them a second time: the same bytes, ids and signature. */
  async sendTwice(webhooks: SampleDelivery[]): Promise<void> {
    for (const webhook of webhooks) {
      const signed = this.#signed(webhook)
      await this.#post(signed)
      await this.#post(signed)
      this.sent.doubled += 1
    }
  }

  #signed(webhook: SampleDelivery): SignedRequest {
    const { platform, connection } = this
    this.#serial += 1
    const body = Buffer.from(webhook.body)
    const at = { now: Date.now(), id: `msg_${connection.id}_${this.#serial}` }
    const { token, headers, query, body: sealed } = platform.verification.sign(body, connection.secrets, at)
    const path = [platform.name, connection.id, token].filter(part => part !== undefined)
    const address = new URL(`${this.#origin}/webhooks/${path.map(encodeURIComponent).join('/')}`)
    address.search = new URLSearchParams({ ...webhook.query, ...query }).toString()
    return {
      address,
      headers: { 'content-type': 'application/json', ...webhook.headers, ...headers },
      body: sealed ?? body
    }
  }

  async #post({ address, headers, body }: SignedRequest): Promise<void> {
    const reply = await request(address, { method: 'POST', headers, body })
    await reply.body.dump()
    this.sent.webhooks += 1
    if (reply.statusCode === 200) return
    throw new Error(`the relay answered ${reply.statusCode} to a webhook of ${this.platform.title}`)
  }

  async #changeWorld(entities: Record<string, unknown>): Promise<void> {
    const reply = await request(`${this.#origin}/sandbox/platforms/${this.platform.name}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ entities })
    })
    await reply.body.dump()
  }
}
