import { createHash } from 'node:crypto'
import { Value } from '@sinclair/typebox/value'
import t, { type Test } from 'tap'
import type { Incoming } from '../../src/model/delivery.ts'
import { hostOf, readEnvelope, sealed, signedText, sns, snsSecrets } from '../../src/platforms/sns.ts'
import { base64Of, certificateOf, rsaKeys } from './sns/certificates.ts'
import { amazon, certificateUrl, notice, question, receivedAt, signed, topic } from './sns/envelopes.ts'

const secrets = { topic_arn: [topic] }

/** The scheme with a source that counts what it is asked for. */
function scheme(answer: () => string = () => amazon.pem) {
  const asked: string[] = []
  const { verify, sign } = sns({
    certificates: async url => {
      asked.push(url)
      return answer()
    }
  })
  return { verify, sign, asked }
}

async function refused(t: Test, incoming: Incoming, cause: string, asks = 0): Promise<void> {
  const { verify, asked } = scheme()
  t.strictSame(await verify(incoming, secrets), { ok: false, cause })
  t.equal(asked.length, asks, `${asks} certificates are asked for`)
}

t.test('the text of a notification is the published vector', async t => {
  const text = Buffer.from(signedText(notice))
  t.equal(text.byteLength, 226)
  t.equal(createHash('sha1').update(text).digest('hex'), '6f9a29ded0539bfe37480df7fbfc8f810906d258')
  t.equal(
    createHash('sha256').update(text).digest('hex'),
    '81c7b35299d6c1ea41a68972006eddf13c74757d39f865ab11bc330ddb3c6d73'
  )
})

t.test('the text of a confirmation is the published vector', async t => {
  const text = Buffer.from(signedText(question))
  t.equal(text.byteLength, 403)
  t.equal(
    createHash('sha256').update(text).digest('hex'),
    '7de48a358813a061c3440751959a3cb74a7239d6ae9d390fc7d4e8cc00d8ad12'
  )
})

t.test('a subject is part of the text, and only where there is one', async t => {
  t.equal(
    signedText({ ...notice, Subject: 'News' }),
    signedText(notice).replace('Timestamp\n', 'Subject\nNews\nTimestamp\n')
  )
  t.equal(signedText({ ...notice, Subject: null }), signedText(notice))
  const { verify } = scheme()
  t.strictSame(await verify(signed({ ...notice, Subject: 'News' }), secrets), { ok: true })
  await refused(t, signed(notice, { Subject: 'News' }), 'signature_wrong', 1)
})

t.test('versions 1 and 2 of the signature verify, and no other', async t => {
  const { verify } = scheme()
  for (const SignatureVersion of ['1', '2'] as const) {
    t.strictSame(await verify(signed({ ...notice, SignatureVersion }), secrets), { ok: true })
    t.strictSame(await verify(signed({ ...question, SignatureVersion }), secrets), { ok: true })
  }
  await refused(t, signed(notice, { SignatureVersion: '2' }), 'signature_wrong', 1)
  await refused(t, signed(notice, { SignatureVersion: '3' }), 'signature_malformed')
})

t.test('values are decoded before they are signed: a confirmation’s message holds a line break', async t => {
  const { verify } = scheme()
  const real = { ...question, Message: 'You have chosen to subscribe.\nTo confirm, visit the SubscribeURL.' }
  const incoming = signed(real)
  t.match(Buffer.from(incoming.body).toString(), 'subscribe.\\nTo')
  t.strictSame(await verify(incoming, secrets), { ok: true })
})

t.test('no other member than the message may hold a line break, or two envelopes had one text', async t => {
  const whole = { ...notice, Message: 'a\nMessageId\nb' }
  const divided = { Message: 'a', MessageId: `b\nMessageId\n${notice.MessageId}` }
  t.equal(signedText({ ...notice, ...divided }), signedText(whole), 'one text indeed')
  await refused(t, signed(whole, divided), 'signature_malformed')
  await refused(t, signed(notice, { Subject: 'a\nb' }), 'signature_malformed')
})

t.test('a changed member is refused', async t => {
  for (const name of ['Message', 'MessageId'])
    await refused(t, signed(notice, { [name]: 'other' }), 'signature_wrong', 1)
  await refused(t, signed(question, { Token: 'other' }), 'signature_wrong', 1)
  await refused(t, signed(notice, { Timestamp: '2027-02-11T08:30:05.121Z' }), 'signature_wrong', 1)
  await refused(t, signed(notice, { Signature: 'YWJj' }), 'signature_wrong', 1)
})

t.test('another topic is refused before anything is fetched, however well it is signed', async t => {
  await refused(
    t,
    signed({ ...notice, TopicArn: 'arn:aws:sns:eu-central-1:999999999999:HostifyWebhooks' }),
    'foreign_account'
  )
  const { verify } = scheme()
  t.strictSame(await verify(signed(notice), {}), { ok: false, cause: 'foreign_account' })
  t.strictSame(await verify(signed(notice), { topic_arn: ['arn:other', topic] }), { ok: true }, 'one of two')
})

t.test('a body that is no envelope is refused before anything is fetched', async t => {
  const plain = (body: string) => ({ ...signed(notice), body: Buffer.from(body) })
  for (const body of ['', 'x', '[]', '{}', '{"Signature":""}', '{"Signature":7}'])
    await refused(t, plain(body), 'signature_missing')
  await refused(t, signed(notice, { Type: 'Other' }), 'signature_malformed')
  await refused(t, signed(notice, { Signature: '!' }), 'signature_malformed')
  await refused(t, signed(notice, { Signature: 'A'.repeat(2_049) }), 'signature_malformed')
  await refused(t, signed(notice, { Message: { action: 'x' } }), 'signature_malformed')
  await refused(t, signed(notice, { Timestamp: 'yesterday' }), 'signature_malformed')
  await refused(t, signed(question, { Token: undefined }), 'signature_malformed')
  await refused(t, signed(question, { SubscribeURL: null }), 'signature_malformed')
  t.throws(() => readEnvelope({ body: Buffer.from('{}') }), { code: 'RELAY_EVENT_UNREADABLE' })
})

t.test('a certificate is fetched from the topic’s own host only, over https, from a plain path', async t => {
  for (const url of [
    'http://sns.eu-central-1.amazonaws.com/a.pem',
    'https://sns.eu-west-1.amazonaws.com/a.pem',
    'https://sns.s3.amazonaws.com/a.pem',
    'https://sns.s3-eu-central-1.amazonaws.com/a.pem',
    'https://sns.eu-central-1.amazonaws.com.evil.example/a.pem',
    'https://sns.eu-central-1.amazonaws.com.cn/a.pem',
    'https://evil.example/sns.eu-central-1.amazonaws.com/a.pem',
    'https://sns.eu-central-1.amazonaws.com@evil.example/a.pem',
    'https://user:word@sns.eu-central-1.amazonaws.com/a.pem',
    'https://:word@sns.eu-central-1.amazonaws.com/a.pem',
    'https://sns.eu-central-1.amazonaws.com:8443/a.pem',
    'https://sns.eu-central-1.amazonaws.com/a.pem?x=.pem',
    'https://sns.eu-central-1.amazonaws.com/a#.pem',
    'https://sns.eu-central-1.amazonaws.com/a/b.pem',
    'https://sns.eu-central-1.amazonaws.com/a.crt',
    'sns.eu-central-1.amazonaws.com/a.pem'
  ])
    await refused(t, signed(notice, { SigningCertURL: url }), 'signature_malformed')
})

t.test('the host of a topic is its region’s, in China too', async t => {
  t.equal(hostOf(topic), 'sns.eu-central-1.amazonaws.com')
  t.equal(hostOf('arn:aws-us-gov:sns:us-gov-west-1:111122223333:x'), 'sns.us-gov-west-1.amazonaws.com')
  t.equal(hostOf('arn:aws-cn:sns:cn-north-1:111122223333:x'), 'sns.cn-north-1.amazonaws.com.cn')
  t.equal(hostOf('arn:aws:sns:s3:111122223333:x'), undefined)
  t.equal(hostOf('arn:aws:sqs:eu-central-1:111122223333:x'), undefined)
  const odd = 'arn:aws:sns:s3:111122223333:x'
  const { verify } = scheme()
  t.strictSame(await verify(signed({ ...notice, TopicArn: odd }), { topic_arn: [odd] }), {
    ok: false,
    cause: 'signature_malformed'
  })
})

t.test('a message that was sent long ago is refused; a stored one is judged by when it came', async t => {
  const { verify } = scheme()
  const late = (hours: number) => ({ ...signed(notice), receivedAt: receivedAt + hours * 3_600_000 })
  t.strictSame(await verify(late(1.9), secrets), { ok: true }, 'an hour, and an hour of retries')
  await refused(t, late(2.1), 'timestamp_outside_tolerance')
  const ahead = { ...signed(notice), receivedAt: receivedAt - 86_400_000 }
  t.strictSame(await verify(ahead, secrets), { ok: true }, 'a clock that is behind costs no delivery')
})

t.test('a certificate counts only while it is valid', async t => {
  for (const options of [{ until: '2027-02-11' }, { from: '2027-02-12' }]) {
    const other = certificateOf({ ...options, keys: amazon.keys })
    const { verify } = scheme(() => other.pem)
    t.strictSame(await verify(signed(notice), secrets), { ok: false, cause: 'signature_wrong' })
    const pinned = { ...secrets, certificate: [other.pem] }
    t.strictSame(await verify(signed(notice), pinned), { ok: false, cause: 'signature_wrong' })
  }
})

t.test('a signature by another key is refused', async t => {
  const other = certificateOf({ keys: rsaKeys() })
  const { verify } = scheme(() => other.pem)
  t.strictSame(await verify(signed(notice), secrets), { ok: false, cause: 'signature_wrong' })
})

t.test('a certificate in the settings stands in for the one that the message names', async t => {
  const { verify, asked } = scheme(() => {
    throw new TypeError('nothing is to be fetched')
  })
  const verdict = (certificate: string[]) => verify(signed(notice), { ...secrets, certificate })
  t.strictSame(await verdict([amazon.pem]), { ok: true })
  t.strictSame(await verdict([`demo-only\n${amazon.pem}`]), { ok: true }, 'with words before it')
  t.strictSame(await verdict([base64Of(amazon.pem)]), { ok: true }, 'as DER in base64')
  t.strictSame(await verdict(['nonsense', amazon.pem]), { ok: true }, 'one of two')
  t.strictSame(await verdict(['nonsense']), { ok: false, cause: 'signature_wrong' })
  t.strictSame(await verdict([]), { ok: false, cause: 'signature_wrong' }, 'none of none')
  t.strictSame(asked, [])
  const evil = signed(notice, { SigningCertURL: 'https://evil.example/a.pem' })
  t.strictSame(
    await verify(evil, { ...secrets, certificate: [amazon.pem] }),
    { ok: false, cause: 'signature_malformed' },
    'the address must be Amazon’s all the same'
  )
})

t.test('once the certificate is there, verdicts come at once', async t => {
  const { verify, asked } = scheme()
  await verify(signed(notice), secrets)
  t.strictSame(verify(signed(question), secrets), { ok: true })
  t.strictSame(asked, [certificateUrl])
})

t.test('an envelope is sealed with a key in PEM or in base64, and not at all without one', async t => {
  const { verify } = scheme()
  const key = amazon.keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  for (const private_key of [key, `demo-only\n${key}`, base64Of(key)]) {
    const body = Buffer.from(sealed(notice, { private_key: [private_key] }))
    t.strictSame(await verify({ ...signed(notice), body }, secrets), { ok: true })
  }
  await refused(t, { ...signed(notice), body: Buffer.from(sealed(notice, {})) }, 'signature_missing')
})

t.test('a request is dressed as Amazon’s, and its body sealed', async t => {
  const at = { now: receivedAt, id: 'msg_1' }
  const key = amazon.keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const own = { ...secrets, private_key: [key] }
  const { verify, sign } = scheme()
  const verdict = (body: Uint8Array, using = own) => {
    const signed: { headers?: Record<string, string>; body?: Uint8Array } = sign(body, using, at)
    return {
      headers: signed.headers,
      body: signed.body,
      verdict: verify({ ...signedNotice, ...signed }, secrets)
    }
  }
  const signedNotice = { ...signed(notice), headers: {} }
  const asked = verdict(Buffer.from(JSON.stringify({ ...question, Other: 1 })))
  t.strictSame(asked.headers, {
    'content-type': 'text/plain; charset=UTF-8',
    'x-amz-sns-message-type': 'SubscriptionConfirmation'
  })
  t.strictSame(await asked.verdict, { ok: true })
  t.match(
    JSON.parse(Buffer.from(asked.body ?? '').toString()),
    { Other: 1 },
    'as it was, beside the signature'
  )
  t.strictSame(await verdict(signed(notice).body).verdict, { ok: true }, 'once more')
  for (const text of ['', 'hello', '{"Type":7}']) {
    const around = verdict(Buffer.from(text))
    t.strictSame(await around.verdict, { ok: true })
    t.equal(
      readEnvelope({ body: around.body ?? new Uint8Array() }).Message,
      text,
      'anything else stands in an envelope'
    )
  }
  for (const private_key of [[], ['no key'], ['-----BEGIN PRIVATE KEY-----']])
    t.strictSame(await verdict(Buffer.from('x'), { ...secrets, private_key }).verdict, {
      ok: false,
      cause: 'signature_missing'
    })
  t.ok(sign(new Uint8Array(), {}, at).headers, 'without a topic there is something all the same')
})

t.test('settings that cannot be right do not fit', async t => {
  const fits = (name: keyof typeof snsSecrets, value: string) => Value.Check(snsSecrets[name], value)
  t.ok(fits('topic_arn', topic))
  t.ok(fits('topic_arn', 'arn:aws-cn:sns:cn-north-1:111122223333:Name.fifo'))
  for (const arn of [
    'HostifyWebhooks',
    'arn:aws:sns:eu-central-1:1:x',
    'arn:aws:sns:s3:111122223333:x',
    `${topic}:0001`
  ])
    t.notOk(fits('topic_arn', arn), arn)
  t.ok(fits('certificate', amazon.pem))
  t.ok(fits('certificate', base64Of(amazon.pem)))
  t.notOk(fits('certificate', './certificate.pem'))
  t.notOk(fits('private_key', './key.pem'))
})
