import { credential, type Verification } from '../verify.ts'

export interface HeaderValueOptions {
  header: string
  /** What stands before the value, such as `Bearer `. */
  prefix?: string | undefined
}

/** A header whose name the connection describes, with the secret `value` in it. */
export function headerValue({ header: named, prefix = '' }: HeaderValueOptions): Verification {
  const header = named.toLowerCase()
  return credential({
    description: `header ${header}: ${prefix}\`value\``,
    needs: ['value'],
    offered({ headers }) {
      const text = headers[header]
      if (!text?.startsWith(prefix)) return undefined
      return text.slice(prefix.length) || undefined
    },
    right: secrets => secrets.value ?? [],
    sign: ({ value }) => ({ headers: { [header]: `${prefix}${value?.[0] ?? ''}` } })
  })
}
