import { RelayError } from '../errors.ts'
import type { Connection } from '../model/connection.ts'
import { type Platform, platformOf } from '../platforms/platform.ts'
import type { Deliveries } from '../store/deliveries.ts'
import type { NewDelivery } from '../store/delivery-intake.ts'
import type { Rejected } from '../store/rejected.ts'
import type { Write } from '../store/write.ts'
import { refusalOf } from './accept.ts'

export interface RetakeOptions {
  connection: Connection
  platforms: Record<string, Platform>
  rejected: Rejected
  deliveries: Deliveries
  /** What belongs into the same commit as so many that are taken in. */
  also?(taken: number): Write[]
}

/**
 * Judges the kept rejected requests of a connection again, by today's settings and the time at which they came, and
 * takes in those that pass, all or none. @returns how many, and the causes of the others
 */
export async function retake(options: RetakeOptions): Promise<{ taken: number; stillRefused: string[] }> {
  const { connection, platforms, rejected, deliveries, also } = options
  const stillRefused: string[] = []
  const taken: NewDelivery[] = []
  for (const request of await rejected.list(connection.id)) {
    // As on the wire, an address that names another platform than the connection's leads nowhere.
    const platform = request.platform === connection.platform ? platformOf(platforms, connection) : undefined
    const cause =
      platform === undefined
        ? 'unknown_connection'
        : await judged(() => refusalOf(request, connection, platform))
    if (cause !== undefined) {
      stillRefused.push(cause)
      continue
    }
    const { id, connectionId, receivedAt, headers, query, body } = request
    const dedupeKey = platform?.deliveryId?.(request)
    taken.push({
      id,
      connectionId,
      platform: request.platform,
      receivedAt,
      headers,
      query,
      body,
      dedupeKey
    })
  }
  const count = taken.length
  await rejected.takeIn(taken, deliveries, also?.(count))
  return { taken: count, stillRefused }
}

/** One that cannot be judged now, as where a certificate cannot be had, stays among the kept, and the others go on. */
async function judged(judge: () => ReturnType<typeof refusalOf>): Promise<string | undefined> {
  try {
    return await judge()
  } catch (error) {
    if (error instanceof RelayError && error.retryable) return 'cannot be verified now'
    throw error
  }
}
