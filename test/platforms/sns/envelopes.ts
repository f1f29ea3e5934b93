import type { Incoming } from '../../../src/model/delivery.ts'
import { sealed, type Unsigned } from '../../../src/platforms/sns.ts'
import { certificateOf } from './certificates.ts'

export const topic = 'arn:aws:sns:eu-central-1:111122223333:HostifyWebhooks'
export const certificateUrl = 'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0000.pem'
export const receivedAt = Date.parse('2027-02-11T08:30:06Z')

/** A pair that plays Amazon's. */
export const amazon = certificateOf()
const privateKey = amazon.keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/** The notification of the fact sheet's first vector. */
export const notice: Unsigned = {
  Type: 'Notification',
  MessageId: '0d9f2c1e-5a8b-5c77-9a10-3f6b2f0e7a11',
  TopicArn: topic,
  Message: '{"action":"new_reservation","reservation_id":40118823}',
  Timestamp: '2027-02-11T08:30:05.120Z',
  SignatureVersion: '1',
  SigningCertURL: certificateUrl
}

/** The confirmation of its second. */
export const question: Unsigned = {
  Type: 'SubscriptionConfirmation',
  MessageId: '5b1d7d40-0a1f-4a55-8b1c-6b2f6c1d9e02',
  Token: '2336412f37',
  TopicArn: topic,
  Message: 'You have chosen to subscribe to the topic.',
  SubscribeURL: `https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${topic}&Token=2336412f37`,
  Timestamp: '2027-02-11T08:00:00.000Z',
  SignatureVersion: '1',
  SigningCertURL: certificateUrl
}

/** As Amazon signs it. @param after members that somebody changes behind its back; undefined takes one away */
export function signed(envelope: Unsigned, after: Record<string, unknown> = {}): Incoming {
  const body = { ...JSON.parse(sealed(envelope, { private_key: [privateKey] })), ...after }
  return {
    connectionId: 'c1',
    receivedAt,
    headers: { 'content-type': 'text/plain; charset=UTF-8' },
    query: {},
    body: Buffer.from(JSON.stringify(body))
  }
}
