import { uuidOf } from './sample-values.ts'
import type { SampleContext } from './samples.ts'
import { hostOf, notificationOf, sealed, type Unsigned } from './sns.ts'

/**
 * What Amazon would post for a topic: an envelope around a message, signed with the connection's `private_key`.
 * @param at when the platform told it, ms since 1970; now unless given
 */
export function notification(message: string, context: SampleContext, at = context.now): string {
  return envelope('Notification', message, context, at)
}

/** The question whether notifications are wanted, or the news that they have ended. Its text holds a line break, as Amazon's does. */
export function confirmation(
  type: 'SubscriptionConfirmation' | 'UnsubscribeConfirmation',
  context: SampleContext
): string {
  const Token = uuidOf(`token ${context.serial}`, 5).replaceAll('-', '')
  const TopicArn = topicOf(context)
  const query = new URLSearchParams({ Action: 'ConfirmSubscription', TopicArn, Token })
  const text = `You have chosen ${type === 'SubscriptionConfirmation' ? '' : 'no longer '}to subscribe to the topic.\nVisit the SubscribeURL.`
  const SubscribeURL = `https://${hostOf(TopicArn)}/?${query}`
  return envelope(type, text, context, context.now, { Token, SubscribeURL })
}

function envelope(
  Type: Unsigned['Type'],
  message: string,
  context: SampleContext,
  at: number,
  more: Partial<Unsigned> = {}
): string {
  const id = uuidOf(`${context.serial} ${context.now} ${Type} ${message}`, 5)
  const unsigned = { ...notificationOf(message, topicOf(context), at, id), Type, ...more }
  return sealed(unsigned, context.connection.secrets)
}

function topicOf({ connection }: SampleContext): string {
  return connection.secrets.topic_arn?.[0] ?? ''
}
