import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { type PlatformApi, refused } from './api.ts'
import type { PlatformEvent } from './platform.ts'
import type { StandInRequest, StandInResponse } from './samples.ts'
import { addressAt } from './sns.ts'

/** A topic asks whether its notifications are wanted here. No notification comes before the answer. */
export const SubscriptionConfirmation = Type.Object({
  TopicArn: Type.String(),
  Token: Type.String(),
  SubscribeURL: Type.String()
})
export type SubscriptionConfirmation = Static<typeof SubscriptionConfirmation>

/** What is to be confirmed; undefined for any other event. */
export function confirmationIn({ type, payload }: PlatformEvent): SubscriptionConfirmation | undefined {
  return type === 'SubscriptionConfirmation' && Value.Check(SubscriptionConfirmation, payload)
    ? payload
    : undefined
}

/**
 * Says yes, by reading the address in the message, which is the topic's own host: the verified message says so, and it is
 * looked at again. To say it twice does no harm.
 * @throws RelayError as PlatformApi does, and {@link refused} where Amazon does not take it
 */
export async function confirmSubscription(
  { TopicArn, Token, SubscribeURL }: SubscriptionConfirmation,
  api: PlatformApi
): Promise<{ confirmed: true }> {
  const url = addressAt(TopicArn, SubscribeURL)
  const query = Object.fromEntries(url?.searchParams ?? [])
  const { Action, TopicArn: topic, Token: token } = query
  if (url?.pathname !== '/' || Action !== 'ConfirmSubscription' || topic !== TopicArn || token !== Token) {
    throw refused('SubscribeURL is not an address at which the topic can be confirmed')
  }
  const { status } = await api.request({ method: 'GET', origin: url.origin, path: '/', query })
  if (status >= 300) {
    throw refused(`Amazon SNS answered ${status} to the confirmation; make the webhook at the platform again`)
  }
  return { confirmed: true }
}

/** Amazon's answer to a confirmation, played; undefined where the request is none. */
export function playConfirmation({ method, path, query }: StandInRequest): StandInResponse | undefined {
  if (path !== '/' || query.Action?.[0] !== 'ConfirmSubscription') return undefined
  const isWhole = method === 'GET' && query.TopicArn?.[0] !== undefined && query.Token?.[0] !== undefined
  const headers = { 'content-type': 'text/xml' }
  return isWhole
    ? { status: 200, headers, body: '<ConfirmSubscriptionResponse/>' }
    : { status: 400, headers, body: '<ErrorResponse/>' }
}
