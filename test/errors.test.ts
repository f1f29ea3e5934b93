import { readFileSync } from 'node:fs'
import t from 'tap'
import { errorCodes, RelayError } from '../src/errors.ts'

/** The rows of the tables in a document whose first cell is a name in code style. */
function rowsOf(file: string): [name: string, ...cells: string[]][] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap(line => {
      const [, name, ...cells] = line.split('|').map(cell => cell.trim())
      const plain = /^`(\w+)`$/.exec(name ?? '')?.[1]
      return plain === undefined ? [] : [[plain, ...cells.slice(0, -1)] as [string, ...string[]]]
    })
}

const documented = rowsOf('docs/errors.md')

t.test('every code is documented once, with its sentence and what to do', async t => {
  const codes = documented.filter(([name]) => name.startsWith('RELAY_'))
  t.strictSame(
    codes.map(([code, meaning]) => [code, meaning]),
    Object.entries(errorCodes)
  )
  for (const [code, , advice] of codes) t.ok((advice ?? '').length > 30, `${code}: what to do`)
})

t.test('an error says what its code says, unless it knows better', async t => {
  const plain = new RelayError('RELAY_BUSY')
  t.match(plain, {
    name: 'RelayError',
    code: 'RELAY_BUSY',
    message: errorCodes.RELAY_BUSY,
    retryable: false,
    retryAfterMs: undefined,
    statusCode: 500,
    cause: undefined
  })
  const cause = new Error('no space left')
  const better = new RelayError('RELAY_STORE_UNAVAILABLE', 'the disk is full', {
    cause,
    retryable: true,
    retryAfterMs: 7,
    statusCode: 503
  })
  t.match(better, { message: 'the disk is full', retryable: true, retryAfterMs: 7, statusCode: 503 })
  t.equal(better.cause, cause)
  t.ok(better instanceof Error)
})
