import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

export interface KeyPair {
  publicKey: KeyObject
  privateKey: KeyObject
}

export interface CertificateOptions {
  /** Whose key it is; an RSA pair of its own unless given. */
  keys?: KeyPair
  subject?: string
  /** Who signs; the subject itself unless given. */
  issuer?: { name: string; privateKey: KeyObject }
  from?: string
  until?: string
}

/** X.509 version 3 without extensions (RFC 5280), as PEM. */
export function certificateOf(options: CertificateOptions = {}): { pem: string; keys: KeyPair } {
  const keys = options.keys ?? rsaKeys()
  const { subject = 'sns.amazonaws.com', from = '2020-01-01', until = '2120-01-01' } = options
  const issuer = options.issuer ?? { name: subject, privateKey: keys.privateKey }
  // sha256WithRSAEncryption, or ecdsa-with-SHA256
  const isRsa = issuer.privateKey.asymmetricKeyType === 'rsa'
  const algorithm = isRsa
    ? sequence(objectId('2a864886f70d01010b'), der(0x05))
    : sequence(objectId('2a8648ce3d040302'))
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    algorithm,
    name(issuer.name),
    sequence(time(from), time(until)),
    name(subject),
    keys.publicKey.export({ type: 'spki', format: 'der' })
  )
  const signature = sign('sha256', body, issuer.privateKey)
  const whole = sequence(body, algorithm, der(0x03, Buffer.from([0]), signature))
  return { pem: pem('CERTIFICATE', whole), keys }
}

export function rsaKeys(): KeyPair {
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

export function pem(label: string, bytes: Uint8Array): string {
  const lines = Buffer.from(bytes)
    .toString('base64')
    .match(/.{1,64}/g)
  return `-----BEGIN ${label}-----\n${lines?.join('\n')}\n-----END ${label}-----\n`
}

/** A PEM file's bytes in base64, without lines around them. */
export function base64Of(text: string): string {
  return text.replace(/-----[^-]+-----|\s/g, '')
}

function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const size = content.length
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}

function sequence(...parts: Uint8Array[]): Buffer {
  return der(0x30, ...parts)
}

function objectId(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'))
}

function name(commonName: string): Buffer {
  return sequence(der(0x31, sequence(objectId('550403'), der(0x0c, Buffer.from(commonName)))))
}

/** GeneralizedTime. */
function time(text: string): Buffer {
  return der(0x18, Buffer.from(new Date(text).toISOString().replace(/\.\d+|[-T:]/g, '')))
}
