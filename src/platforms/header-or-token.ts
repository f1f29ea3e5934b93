import { Type } from '@sinclair/typebox'
import { Setting } from './fields.ts'
import { eitherConfigured } from './several.ts'
import { AddressToken, credential, sharedToken, type Verification } from './verify.ts'

/** A fixed header that was agreed with the platform, or a token in the address where none could be; either will do. */
export function headerOrToken(): Verification {
  return eitherConfigured(fixedHeader(), sharedToken())
}

/**
 * The settings under `secrets` that it takes.
 * @param told what people are told of name and content of the header
 */
export function headerOrTokenSecrets(told: { header: string; value: string }) {
  return Type.Object(
    {
      header: Type.Optional(Setting(told.header)),
      value: Type.Optional(Setting(told.value)),
      token: Type.Optional(AddressToken)
    },
    { minProperties: 1, additionalProperties: false }
  )
}

/** The header named by `header`, holding `value`. */
function fixedHeader(): Verification {
  return credential({
    description: 'the header named by `header`, holding `value`',
    needs: ['header', 'value'],
    offered: ({ headers }, { header = [] }) =>
      header.map(name => headers[name.toLowerCase()]).find(text => text !== undefined && text !== ''),
    right: ({ value = [] }) => value,
    sign: ({ header = [], value = [] }) => ({
      headers: { [String(header[0]).toLowerCase()]: String(value[0]) }
    })
  })
}
