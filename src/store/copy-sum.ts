import { createHash } from 'node:crypto'
import type { CopiedTable, Row } from './copy-tables.ts'

/** How many rows a table has, and what they are. */
export interface TableSum {
  rows: number
  /** SHA-256 of each row, added up: hexadecimal. */
  sha256: string
}

const MODULUS = 2n ** 256n

/**
 * Adds up what two stores are to agree in. The order of rows does not count, and so not in which order an engine sorts.
 * @param held the value as the other store can hold it
 */
export function summing(table: CopiedTable, held: (value: unknown) => unknown = value => value) {
  let rows = 0
  let sum = 0n
  return {
    add(row: Row): void {
      rows += 1
      const values = table.columns.map(each => canonical(held(row[each])))
      const hash = createHash('sha256')
      for (const value of values) hash.update(value)
      sum = (sum + BigInt(`0x${hash.digest('hex')}`)) % MODULUS
    },
    sum: (): TableSum => ({ rows, sha256: sum.toString(16).padStart(64, '0') })
  }
}

/** Kind, length and bytes of a value, whichever class the engine's driver has for it. */
function canonical(value: unknown): Buffer {
  if (value === null) return Buffer.from('null;')
  const kind = value instanceof Uint8Array ? 'bytes' : typeof value
  const bytes = value instanceof Uint8Array ? value : Buffer.from(String(value))
  return Buffer.concat([Buffer.from(`${kind} ${bytes.length};`), bytes])
}
