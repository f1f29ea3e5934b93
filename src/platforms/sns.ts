/**
 * Amazon SNS over HTTP: one envelope around what a platform tells, signed by Amazon.
 *
 * Source: Amazon SNS developer guide, "Verifying the signatures of Amazon SNS messages", "Parsing Amazon SNS message
 * formats" and "Message delivery retries".
 *
 * - A signature proves that Amazon sent it, for whichever topic: anybody can have one. `topic_arn` ties it to the platform.
 * - SNS repeats after 5xx and never after a 4xx, so a certificate that cannot be had is an error and no verdict.
 * - The host of the certificate must be that of the topic's own region. A mere pattern lets `sns.s3.amazonaws.com` in,
 *   where files are anybody's.
 * - Values are decoded before they are signed; only `Message` may hold line breaks, else two envelopes could have one text.
 */
import { createPrivateKey, type KeyObject, sign as signText, verify as verifyText } from 'node:crypto'
import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { RejectionCause } from '../model/rejection.ts'
import { Maybe } from './fields.ts'
import { peekObject, unreadable } from './platform.ts'
import {
  type CertificateSource,
  certificateIn,
  httpsSource,
  keptCertificates,
  type SigningCertificate
} from './sns-certificates.ts'
import { demoCertificate, demoPrivateKey } from './sns-demo.ts'
import { accepted, rejected, type Secrets, sameText, type Verdict, type Verification } from './verify.ts'

const Line = Type.String({ pattern: '^[^\\r\\n]+$' })

const Envelope = Type.Object({
  Type: Type.Union([
    Type.Literal('Notification'),
    Type.Literal('SubscriptionConfirmation'),
    Type.Literal('UnsubscribeConfirmation')
  ]),
  MessageId: Type.String({ pattern: '^[\\w-]{1,128}$' }),
  TopicArn: Line,
  Message: Type.String(),
  Subject: Maybe(Type.String({ pattern: '^[^\\r\\n]*$' })),
  /** In both confirmations, and only there. */
  Token: Maybe(Line),
  SubscribeURL: Maybe(Line),
  Timestamp: Line,
  SignatureVersion: Type.Union([Type.Literal('1'), Type.Literal('2')]),
  Signature: Type.String({ pattern: '^[A-Za-z0-9+/]+={0,2}$', maxLength: 2_048 }),
  SigningCertURL: Line
})
export type SnsEnvelope = Static<typeof Envelope>

const UnsignedEnvelope = Type.Omit(Envelope, ['Signature'])
export type Unsigned = Static<typeof UnsignedEnvelope>

/** Settings under `secrets` of a connection whose platform sends through SNS. */
export const snsSecrets = {
  topic_arn: Type.String({
    pattern: '^arn:aws[a-z-]*:sns:[a-z]{2}(?:-[a-z]+)+-\\d+:\\d{12}:[\\w-]{1,256}(?:\\.fifo)?$',
    description: 'The whole ARN of the topic, arn:aws:sns:<region>:<account>:<name>',
    examples: ['arn:aws:sns:eu-central-1:111122223333:HostifyWebhooks']
  }),
  certificate: Type.Optional(
    Type.String({
      pattern: '-----BEGIN CERTIFICATE-----|^[A-Za-z0-9+/=\\s]+$',
      description:
        'PEM, or DER in base64: trusted in place of Amazon’s, so that nothing is fetched; for demo and tests',
      examples: [demoCertificate]
    })
  ),
  private_key: Type.Optional(
    Type.String({
      pattern: '-----BEGIN [A-Z ]*PRIVATE KEY-----|^[A-Za-z0-9+/=\\s]+$',
      description: 'RSA key of that certificate, PKCS #8; samples are signed with it, nothing else needs it',
      examples: [demoPrivateKey]
    })
  )
}

export interface SnsOptions {
  certificates?: CertificateSource
  /** From Amazon's time of sending to receipt. */
  toleranceMs?: number
}

/** An hour, and the hour within which SNS ends its retries at the latest. */
const TOLERANCE_MS = 7_200_000

/**
 * The envelope's own signature, version 1 (SHA-1) or 2 (SHA-256). A stored request is judged by the time it came.
 * `verify` throws where the certificate cannot be had: RelayError RELAY_PLATFORM_UNAVAILABLE, retryable.
 */
export function sns({
  certificates = httpsSource(),
  toleranceMs = TOLERANCE_MS
}: SnsOptions = {}): Verification {
  const kept = keptCertificates(certificates)

  return {
    description: '`Signature` of Amazon SNS, of the topic `topic_arn`',
    needs: ['topic_arn'],
    // All of it stands in the body.
    evidence: [],
    verify(incoming, secrets) {
      const envelope = envelopeIn(incoming)
      if (typeof envelope === 'string') return rejected(envelope)
      const url = certificateUrl(envelope)
      const sentAt = Date.parse(envelope.Timestamp)
      const topics = secrets.topic_arn ?? []
      if (topics.filter(topic => sameText(topic, envelope.TopicArn)).length === 0)
        return rejected('foreign_account')
      if (url === undefined || Number.isNaN(sentAt)) return rejected('signature_malformed')
      if (incoming.receivedAt - sentAt > toleranceMs) return rejected('timestamp_outside_tolerance')

      const judge = (list: (SigningCertificate | undefined)[]): Verdict =>
        list.some(each => each !== undefined && isSignedBy(each, envelope, incoming.receivedAt))
          ? accepted
          : rejected('signature_wrong')
      if (secrets.certificate !== undefined) return judge(secrets.certificate.map(certificateIn))
      const found = kept(url)
      return found instanceof Promise
        ? found.then(each => judge([each.certificate]))
        : judge([found.certificate])
    },
    // The signature is part of the body, so what is sent is another one: the envelope sealed, and anything else in one.
    sign(body, secrets, { now, id }) {
      const topic = secrets.topic_arn?.[0] ?? ''
      const envelope = unsignedIn(body) ?? notificationOf(Buffer.from(body).toString(), topic, now, id)
      return {
        headers: {
          'content-type': 'text/plain; charset=UTF-8',
          'x-amz-sns-message-type': envelope.Type
        },
        body: Buffer.from(sealed(envelope, secrets))
      }
    }
  }
}

/** What the topic's owner may have SNS say of the body, which is JSON all the same. */
export const snsMediaTypes = [
  'text/plain',
  'text/css',
  'text/csv',
  'text/html',
  'text/xml',
  'application/octet-stream',
  'application/x-www-form-urlencoded',
  'application/xml',
  'application/atom+xml',
  'application/soap+xml',
  'application/xhtml+xml'
]

/** The envelope of a delivery. @throws RelayError RELAY_EVENT_UNREADABLE */
export function readEnvelope(delivery: { body: Uint8Array }): SnsEnvelope {
  const envelope = envelopeIn(delivery)
  if (typeof envelope === 'string') throw unreadable('the body is not an Amazon SNS envelope')
  return envelope
}

/** The text that is signed: name and value of some members, a line for each, in this order. */
export function signedText(envelope: Unsigned): string {
  const names =
    envelope.Type === 'Notification'
      ? (['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'] as const)
      : (['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'] as const)
  return names
    .map(name => (typeof envelope[name] === 'string' ? `${name}\n${envelope[name]}\n` : ''))
    .join('')
}

/**
 * An envelope as its JSON, signed with `private_key`; without one that can be read the signature is empty, and nobody
 * takes it.
 */
export function sealed(envelope: Unsigned, secrets: Secrets): string {
  const key = privateKeyIn(secrets.private_key?.[0] ?? '')
  const signature =
    key === undefined
      ? ''
      : signText(hashOf(envelope), Buffer.from(signedText(envelope)), key).toString('base64')
  return JSON.stringify({ ...envelope, Signature: signature })
}

/** The envelope that a body is, signed or not yet; undefined where it is none. */
export function unsignedIn(body: Uint8Array): Unsigned | undefined {
  const given: unknown = peekObject({ body })
  return Value.Check(UnsignedEnvelope, given) ? given : undefined
}

/** What a topic sends, before it is signed. @param now time of sending, ms since 1970 */
export function notificationOf(Message: string, TopicArn: string, now: number, id: string): Unsigned {
  return {
    Type: 'Notification',
    MessageId: id,
    TopicArn,
    Message,
    Timestamp: new Date(now).toISOString(),
    SignatureVersion: '1',
    SigningCertURL: `https://${hostOf(TopicArn)}/SimpleNotificationService-0000.pem`
  }
}

/** `sns.<region>.amazonaws.com` of the topic, the only host that is believed; undefined where the ARN tells no region. */
export function hostOf(topicArn: string): string | undefined {
  const [, partition, region] = /^arn:(aws[a-z-]*):sns:([a-z]{2}(?:-[a-z]+)+-\d+):/.exec(topicArn) ?? []
  return region && `sns.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`
}

/** An https address of the topic's host and nothing beside, neither port nor user; undefined where it is any other. */
export function addressAt(topicArn: string, text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const plain =
    url?.protocol === 'https:' && url.host === hostOf(topicArn) && url.username === '' && url.password === ''
  return plain ? url : undefined
}

function envelopeIn(delivery: { body: Uint8Array }): SnsEnvelope | RejectionCause {
  const body = peekObject(delivery)
  if (typeof body?.Signature !== 'string' || body.Signature === '') return 'signature_missing'
  if (!Value.Check(Envelope, body)) return 'signature_malformed'
  const isWhole = body.Type === 'Notification' || (body.Token && body.SubscribeURL)
  return isWhole ? body : 'signature_malformed'
}

function certificateUrl({ TopicArn, SigningCertURL }: SnsEnvelope): string | undefined {
  const url = addressAt(TopicArn, SigningCertURL)
  return url !== undefined && /^\/[\w.-]+\.pem$/.test(url.pathname + url.search + url.hash)
    ? url.href
    : undefined
}

function isSignedBy({ key, from, until }: SigningCertificate, envelope: SnsEnvelope, at: number): boolean {
  if (at < from || at > until) return false
  const signature = Buffer.from(envelope.Signature, 'base64')
  return verifyText(hashOf(envelope), Buffer.from(signedText(envelope)), key, signature)
}

/** RSA with PKCS #1 v1.5 padding, as the key's kind has it. */
function hashOf({ SignatureVersion }: Unsigned): string {
  return SignatureVersion === '1' ? 'sha1' : 'sha256'
}

function privateKeyIn(text: string): KeyObject | undefined {
  try {
    return text.includes('-----BEGIN')
      ? createPrivateKey(text)
      : createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' })
  } catch {
    return undefined
  }
}
