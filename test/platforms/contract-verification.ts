import fc from 'fast-check'
import type { Test } from 'tap'
import type { Connection } from '../../src/model/connection.ts'
import type { Incoming } from '../../src/model/delivery.ts'
import type { Platform } from '../../src/platforms/platform.ts'
import type { SampleDelivery } from '../../src/platforms/samples.ts'
import { digestCredential, type Secrets } from '../../src/platforms/verify.ts'
import { defaultReceivedAt, incomingOf } from './outcome.ts'

const now = defaultReceivedAt

export async function checkVerification(
  t: Test,
  platform: Platform,
  connection: Connection,
  sample: SampleDelivery
): Promise<void> {
  const { verification } = platform
  const { secrets } = connection
  const body = Buffer.from(sample.body)
  const signed = verification.sign(body, secrets, { now, id: 'msg_1' })
  const incoming = incomingOf(connection, sample, signed)
  const verdict = async (changed: Partial<Incoming>, using: Secrets = secrets) =>
    (await verification.verify({ ...incoming, ...changed }, using)).ok

  t.equal(await verdict({}), true, 'a signed request passes')
  t.equal(platform.isOwn?.(incoming, connection) ?? true, true, 'and belongs to the connection')
  if (verification.evidence.length > 0 && body.length > 0) {
    const middle = Math.floor(body.length / 2)
    const flipped = Buffer.from(body)
    flipped[middle] = (flipped[middle] ?? 0) ^ 1
    t.equal(await verdict({ body: flipped }), false, 'one flipped bit fails')
  }

  const unsigned = incomingOf(connection, sample)
  t.equal((await verification.verify(unsigned, secrets)).ok, false, 'without credentials it fails')
  t.equal(await verdict({}, {}), false, 'a connection without secrets accepts nothing')
  const allWrong = Object.entries(secrets).map(([name, list]) => [name, list.map(spoilt)])
  t.equal(await verdict({}, Object.fromEntries(allWrong)), false, 'wrong secrets fail')
  for (const name of verification.needs) {
    const wrong = { ...secrets, [name]: (secrets[name] ?? []).map(spoilt) }
    t.equal(await verdict({}, wrong), false, `a wrong ${name} fails`)
    const rotating = { ...secrets, [name]: [...(wrong[name] ?? []), ...(secrets[name] ?? [])] }
    if (name !== 'header') t.equal(await verdict({}, rotating), true, `the second ${name} of two passes`)
  }

  const carried = verification.credential?.(incoming, secrets)
  if (carried !== undefined) {
    const evidence = Object.entries(incoming.headers).filter(([name]) => verification.evidence.includes(name))
    const kept = { ...unsigned, headers: { ...unsigned.headers, ...Object.fromEntries(evidence) } }
    const again = async (credential: string) => {
      const credentialDigest = digestCredential(credential, 'salt')
      return (await verification.verify({ ...kept, credentialDigest }, secrets)).ok
    }
    t.equal(await again(carried), true, 'a kept request passes by the digest of what it carried')
    t.equal(await again(spoilt(carried)), false, 'and fails by another')
  }

  const id = platform.deliveryId?.(incoming)
  if (id !== undefined) {
    t.ok(typeof id === 'string' && id !== '', 'the delivery’s id is a text')
    t.equal(platform.deliveryId?.(structuredClone(incoming)), id, 'and stable')
  }
}

export async function checkStrangers(t: Test, platform: Platform, connection: Connection): Promise<void> {
  const { verification } = platform
  const names = [...verification.evidence, 'authorization', 'content-type']
  const text = fc.oneof(fc.string(), fc.constantFrom('', 'Basic Og==', 'Basic !', 'v1,', 't=,v1=', 'sha256='))
  const stranger = fc.record({
    headers: fc.dictionary(fc.constantFrom(...names), text),
    query: fc.dictionary(
      fc.constantFrom('token', 'Token', ...(verification.secretQuery ?? [])),
      fc.array(text)
    ),
    token: fc.option(text, { nil: undefined }),
    body: fc.uint8Array({ maxLength: 200 })
  })
  await fc.assert(
    fc.asyncProperty(stranger, async request => {
      const incoming = { connectionId: connection.id, receivedAt: now, ...request }
      const verdict = await verification.verify(incoming, connection.secrets)
      return !verdict.ok
    }),
    { numRuns: 150 }
  )
  t.pass('whatever they send is a verdict, and it is no')
}

/** Another secret of the same form. */
function spoilt(secret: string): string {
  if (!secret.startsWith('whsec_')) return `${secret}-wrong`
  const key = Buffer.from(secret.slice(6), 'base64')
  key[0] = (key[0] ?? 0) ^ 1
  return `whsec_${key.toString('base64')}`
}
