import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { nexudus } from '../../../src/platforms/nexudus/nexudus.ts'
import { demoConnection, incomingOf } from '../contract.ts'

const { verification } = nexudus
const secret = 'nexudus-test-secret'
const connection = demoConnection(nexudus, { secrets: { signing_secret: [secret] } })

const plain =
  '[{"Id":881204417,"ResourceName":"Studio B","FromTime":"2027-02-15T13:00:00Z","ToTime":"2027-02-15T14:30:00Z"}]'
const plainSignature = '81C33A6DC00A359076D296FDFA8B16CA759555321755C58E71179E82DDE2C51B'
const beyond = '[{"Id":881204417,"ResourceName":"Studio B","CoworkerFullName":"Zoë Lindqvist"}]'
const asSent = 'D29A8A9691819D3057F365258E7A9E56708E5E40E7836099E1EFC0B3564D0F38'
const asAscii = '6675ED475225BD8C0ACA966E0DE34F6907284BBFEB250D9A3AC4ADFF49B1E8F2'

async function verdict(body: string | Uint8Array, signature: string | undefined, secrets = [secret]) {
  const headers: Record<string, string> =
    signature === undefined ? {} : { 'X-Nexudus-Hook-Signature': signature }
  const incoming = { ...incomingOf(connection, { body: '', headers }), body: Buffer.from(body) }
  const answer = await verification.verify(incoming, { signing_secret: secrets })
  return answer.ok ? 'ok' : answer.cause
}

function signatureOf(text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex')
}

t.test('the signature counts over the body, in upper case or lower', async t => {
  t.equal(Buffer.byteLength(plain), 110)
  t.equal(await verdict(plain, plainSignature), 'ok')
  t.equal(await verdict(plain, plainSignature.toLowerCase()), 'ok')
  t.equal(await verdict(plain.replace('13:00', '12:00'), plainSignature), 'signature_wrong')
  t.strictSame(
    verification.sign(Buffer.from(plain), { signing_secret: [secret] }, { now: 0, id: '' }).headers,
    { 'x-nexudus-hook-signature': plainSignature }
  )
})

t.test('letters beyond ASCII are signed as they are sent, or as question marks', async t => {
  t.equal(Buffer.byteLength(beyond), 80)
  t.equal(await verdict(beyond, asSent), 'ok')
  t.equal(await verdict(beyond, asAscii), 'ok')
  t.equal(await verdict(beyond.replace('ë', 'e'), asAscii), 'signature_wrong')
  t.match(verification.sign(Buffer.from(beyond), { signing_secret: [secret] }, { now: 0, id: '' }).headers, {
    'x-nexudus-hook-signature': asAscii
  })
})

t.test('each UTF-16 unit beyond ASCII is one question mark', async t => {
  t.equal(await verdict('["🔑é"]', signatureOf('["???"]')), 'ok')
  t.equal(await verdict('["🔑é"]', signatureOf('["??"]')), 'signature_wrong')
})

t.test('an array is signed where one object is sent', async t => {
  const object = beyond.slice(1, -1)
  t.equal(await verdict(object, asSent), 'ok')
  t.equal(await verdict(object, asAscii), 'ok')
  t.equal(await verdict(object, signatureOf(object)), 'ok', 'or the object itself')
  t.equal(await verdict(`"${object}"`, asSent), 'signature_wrong')
})

t.test('one line end behind the body may be unsigned', async t => {
  t.equal(await verdict(`${plain}\n`, plainSignature), 'ok')
  t.equal(await verdict(`${plain}\n`, signatureOf(`${plain}\n`)), 'ok')
  t.equal(await verdict(`${beyond.slice(1, -1)}\n`, asAscii), 'ok')
  t.equal(await verdict(`${plain}\n\n`, plainSignature), 'signature_wrong')
  t.equal(await verdict(`${plain} `, plainSignature), 'signature_wrong')
})

t.test('bytes that are no UTF-8 are judged as they came', async t => {
  const bytes = Buffer.from([0x5b, 0xff, 0x5d])
  const signature = createHmac('sha256', secret).update(bytes).digest('hex')
  t.equal(await verdict(bytes, signature), 'ok')
  t.equal(await verdict(bytes, signatureOf('[?]')), 'signature_wrong')
  const signed = verification.sign(bytes, { signing_secret: [secret] }, { now: 0, id: '' }).headers
  t.equal(await verdict(bytes, signed?.['x-nexudus-hook-signature']), 'ok')
})

t.test('a business without a shared secret signs nothing, and is refused', async t => {
  t.equal(await verdict(plain, undefined), 'signature_missing')
  t.equal(await verdict(plain, ''), 'signature_missing')
  t.equal(await verdict(plain, `sha256=${plainSignature}`), 'signature_malformed')
  t.equal(await verdict(plain, plainSignature.slice(1)), 'signature_malformed')
})

t.test('old and new secret pass while one takes the place of the other', async t => {
  t.equal(await verdict(plain, plainSignature, ['another', secret]), 'ok')
  t.equal(await verdict(plain, plainSignature, ['another']), 'signature_wrong')
  const { headers } = verification.sign(Buffer.from(plain), {}, { now: 0, id: '' })
  t.equal(await verdict(plain, headers?.['x-nexudus-hook-signature']), 'signature_wrong')
})

t.test('whatever is signed passes, and nothing else does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.string({ minLength: 1 }), async (value, more) => {
      const text = JSON.stringify([value])
      const { headers } = verification.sign(
        Buffer.from(text),
        { signing_secret: [secret] },
        { now: 0, id: '' }
      )
      const signature = headers?.['x-nexudus-hook-signature']
      const other = JSON.stringify([value, more])
      return (await verdict(text, signature)) === 'ok' && (await verdict(other, signature)) !== 'ok'
    })
  )
})
