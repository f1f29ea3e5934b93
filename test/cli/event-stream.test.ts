import { EventEmitter } from 'node:events'
import t from 'tap'
import { eventsIn, type StreamEvent } from '../../src/cli/operator/event-stream.ts'
import { endWithReader } from '../../src/cli/terminal/reader.ts'

async function read(...chunks: string[]) {
  async function* stream() {
    for (const chunk of chunks) yield Buffer.from(chunk, 'latin1')
  }
  const events: StreamEvent[] = []
  for await (const event of eventsIn(stream())) events.push(event)
  return events
}

t.test('events are read however they are cut up, and comments are passed over', async t => {
  const bytes = Buffer.from('zoë').toString('latin1')
  t.strictSame(
    await read(
      'retry: 2000\n: open\n\nid: 1\neve',
      `nt: delivery\ndata: {"a":"${bytes.slice(0, 3)}`,
      `${bytes.slice(3)}"}\n`,
      '\n'
    ),
    [{ event: 'delivery', id: '1', data: '{"a":"zoë"}' }]
  )
  t.strictSame(await read('data: one\r\ndata:two\r\n\r\n', 'data\n\n: half of one'), [
    { event: 'message', id: undefined, data: 'one\ntwo' },
    { event: 'message', id: undefined, data: '' }
  ])
})

t.test('a command ends with whoever reads what it writes', async t => {
  const out = new EventEmitter()
  const codes: number[] = []
  endWithReader(out, code => void codes.push(code))
  out.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
  t.strictSame(codes, [141])
  t.throws(() => out.emit('error', Object.assign(new Error('the disk is full'), { code: 'ENOSPC' })), /full/)
})
