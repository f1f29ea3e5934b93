import t from 'tap'
import { explain } from '../../src/cli/explain.ts'
import { RelayError } from '../../src/errors.ts'

function failure(details: object): Error {
  return Object.assign(new Error('secret detail\nof the second line'), details)
}

t.test('what keeps a server from listening is told with what to do about it', async t => {
  const told = (details: object) => explain(failure(details), {}).text
  const at = { syscall: 'listen', address: '::1', port: 80 }
  t.match(told({ ...at, code: 'EADDRINUSE' }), 'cannot listen on [::1]:80: the port is in use')
  t.match(told({ ...at, code: 'EACCES' }), 'this user may not; choose a port above 1023')
  t.match(told({ ...at, code: 'EADDRNOTAVAIL' }), 'this machine has no such address (EADDRNOTAVAIL)')
  t.match(
    told({ syscall: 'getaddrinfo', code: 'ENOTFOUND', hostname: 'nowhere' }),
    'cannot listen on nowhere:'
  )
})

t.test('a command that asks for what there is not is wrong usage', async t => {
  t.same(explain(new RelayError('RELAY_BAD_REQUEST', 'there is no such thing'), {}), {
    text: 'seam-relay: there is no such thing\n',
    exitCode: 2
  })
})

t.test('an error nobody foresaw is one line unless details are asked for', async t => {
  t.same(explain(failure({}), {}), {
    text: 'seam-relay: unexpected Error: secret detail (LOG_LEVEL=debug shows where)\n',
    exitCode: 1
  })
  for (const LOG_LEVEL of ['debug', 'trace'])
    t.match(explain(failure({}), { LOG_LEVEL }).text, /of the second line\n +at /)
  t.match(explain('thrown text', { LOG_LEVEL: 'debug' }).text, 'seam-relay: unexpected thrown text')
  t.match(explain(undefined, {}).text, 'seam-relay: unexpected undefined')
})
