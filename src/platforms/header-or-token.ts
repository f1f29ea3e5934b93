import { eitherConfigured } from './either.ts'
import { credential, sharedToken, type Verification } from './verify.ts'

/** A fixed header that was agreed with the platform, or a token in the address where none could be; either will do. */
export function headerOrToken(): Verification {
  return eitherConfigured(fixedHeader(), sharedToken())
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
