import { generateKeyPairSync } from 'node:crypto'
import t, { type Test } from 'tap'
import { MockAgent } from 'undici'
import type { RelayError } from '../../src/errors.ts'
import {
  certificateIn,
  type Found,
  httpsSource,
  keptCertificates
} from '../../src/platforms/sns-certificates.ts'
import { certificateOf, pem, rsaKeys } from './sns/certificates.ts'

const host = 'https://sns.eu-central-1.amazonaws.com'
const unavailable = { code: 'RELAY_PLATFORM_UNAVAILABLE', retryable: true }
const amazon = certificateOf()

function mocked(t: Test) {
  const agent = new MockAgent()
  agent.disableNetConnect()
  t.teardown(() => agent.close())
  return agent
}

t.test('a certificate is read from its address', async t => {
  const agent = mocked(t)
  agent.get(host).intercept({ path: '/a.pem' }).reply(200, amazon.pem)
  t.equal(await httpsSource(agent)(`${host}/a.pem`), amazon.pem)
})

t.test('whatever keeps it from being read is an error that can pass', async t => {
  const agent = mocked(t)
  const site = agent.get(host)
  site.intercept({ path: '/404.pem' }).reply(404, 'gone')
  site.intercept({ path: '/500.pem' }).reply(500, 'sorry')
  site
    .intercept({ path: '/away.pem' })
    .reply(302, '', { headers: { location: 'https://evil.example/a.pem' } })
  site.intercept({ path: '/reset.pem' }).replyWithError(new Error('reset'))
  site.intercept({ path: '/long.pem' }).reply(200, 'x'.repeat(64 * 1024 + 1))
  site.intercept({ path: '/slow.pem' }).reply(200, amazon.pem).delay(60_000)
  const read = httpsSource(agent)
  for (const name of ['404', '500', 'away', 'reset', 'long'])
    await t.rejects(read(`${host}/${name}.pem`), unavailable, name)
  await t.rejects(httpsSource(agent, 1)(`${host}/slow.pem`), unavailable, 'slow')
})

t.test('where there is no way out, that is such an error too', async t => {
  await t.rejects(httpsSource()('https://127.0.0.1:1/a.pem'), unavailable)
})

/** A source that answers when it is told to. */
function held() {
  const asked: string[] = []
  const answers: { resolve(text: string): void; reject(error: Error): void }[] = []
  const source = (url: string) => {
    asked.push(url)
    return new Promise<string>((resolve, reject) => answers.push({ resolve, reject }))
  }
  return { asked, answers, certificates: keptCertificates(source) }
}

t.test('requests that come together share one fetch, and later ones what it found', async t => {
  const { asked, answers, certificates } = held()
  const both = [certificates('a'), certificates('a')]
  answers[0]?.resolve(amazon.pem)
  const [first, second] = await Promise.all(both)
  t.equal(first, second)
  t.equal(certificates('a'), first, 'at once')
  t.equal(first?.certificate?.key.asymmetricKeyType, 'rsa')
  t.strictSame(asked, ['a'])
})

t.test('a failure is not remembered', async t => {
  const { asked, answers, certificates } = held()
  const first = certificates('a')
  answers[0]?.reject(new TypeError('no'))
  await t.rejects(first as Promise<Found>)
  const second = certificates('a')
  answers[1]?.resolve(amazon.pem)
  t.ok((await second).certificate)
  t.equal(asked.length, 2)
})

t.test('strangers cannot have any number of addresses asked at once', async t => {
  const { answers, certificates } = held()
  const four = ['a', 'b', 'c', 'd'].map(certificates)
  t.throws(() => certificates('e'), unavailable)
  for (const answer of answers) answer.resolve(amazon.pem)
  await Promise.all(four)
  const fifth = certificates('e')
  answers[4]?.resolve(amazon.pem)
  t.ok((await fifth).certificate)
})

t.test('nor fill the memory: what was not used for longest goes', async t => {
  const asked: string[] = []
  const certificates = keptCertificates(async url => {
    asked.push(url)
    return amazon.pem
  })
  await certificates('ours')
  for (let number = 0; number < 40; number += 1) {
    await certificates(`theirs ${number}`)
    await certificates('ours')
  }
  t.equal(asked.filter(url => url === 'ours').length, 1, 'what is used stays')
  await certificates('theirs 0')
  t.equal(asked.filter(url => url === 'theirs 0').length, 2, 'the others are fetched again')
  await certificates('theirs 39')
  t.equal(asked.filter(url => url === 'theirs 39').length, 1)
})

const found = async (text: string) => (await keptCertificates(async () => text)('a')).certificate

t.test('what lies there must be a certificate, or it is as if nothing could be read', async t => {
  for (const text of ['', '<html>Please log in</html>', pem('CERTIFICATE', Buffer.from('x'))])
    await t.rejects(found(text), unavailable)
})

t.test('the certificate must be one of Amazon SNS', async t => {
  for (const subject of [
    'sns.amazonaws.com',
    'sns.eu-central-1.amazonaws.com',
    'sns-signing.eu-south-2.amazonaws.com',
    'sns-cn-north-1.amazonaws.com.cn'
  ])
    t.ok(await found(certificateOf({ subject, keys: amazon.keys }).pem), subject)
  for (const subject of [
    'evil.example',
    'sns.amazonaws.com.evil.example',
    'x.sns.amazonaws.com',
    'amazonaws.com'
  ])
    t.equal(await found(certificateOf({ subject, keys: amazon.keys }).pem), undefined, subject)
})

t.test('where certificates above it follow, each must have been issued under the next', async t => {
  const root = certificateOf({ subject: 'Root' })
  const issuer = { name: 'Root', privateKey: root.keys.privateKey }
  const leaf = certificateOf({ keys: amazon.keys, issuer })
  t.ok(await found(`${leaf.pem}${root.pem}`))
  const namesake = certificateOf({ subject: 'Root', keys: rsaKeys() })
  t.equal(await found(`${leaf.pem}${namesake.pem}`), undefined, 'the name alone does not do')
  t.equal(await found(`${leaf.pem}${certificateOf({ subject: 'Other' }).pem}`), undefined)
})

t.test('only an RSA key signs for SNS', async t => {
  const keys = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const { pem: text } = certificateOf({ keys })
  t.equal(await found(text), undefined)
  t.equal(certificateIn(text), undefined)
})

t.test('the error tells what failed, and no message', async t => {
  const error = (await found('').catch((each: unknown) => each)) as RelayError
  t.equal(error.message, 'the certificate with which Amazon SNS signs could not be fetched')
})
