import t from 'tap'
import { openStorage } from '../../src/sandbox/storage.ts'

t.test('what is kept is there for the next who opens the file, in the order of the keys', async t => {
  const file = `${t.testdir()}/deep/er/sandbox.db`
  const first = openStorage(file)
  first.keep('count', 'b', '2')
  first.keep('count', 'a', '1')
  first.keep('count', 'c', '3')
  first.keep('count', 'c', undefined)
  first.keep('world', 'a', '"other shelf"')
  first.commit()
  first.keep('count', 'd', 'never committed')
  first.close()

  const second = openStorage(file)
  t.same(second.load('count'), [
    { key: 'a', value: '1' },
    { key: 'b', value: '2' }
  ])
  second.keep('count', 'a', '9')
  second.empty('count')
  second.keep('count', 'z', '26')
  second.commit()
  t.same(second.load('count'), [{ key: 'z', value: '26' }])
  t.same(second.load('world'), [{ key: 'a', value: '"other shelf"' }])
  second.close()
})

t.test('a file that cannot be opened is named with its setting', async t => {
  const dir = t.testdir({
    taken: 'no folder',
    'other.db': 'no database, however long one looks at it'.repeat(30)
  })
  for (const file of [`${dir}/taken/sandbox.db`, dir, `${dir}/other.db`]) {
    t.throws(() => openStorage(file), {
      code: 'RELAY_CONFIG_INVALID',
      message: /: the sandbox’s file cannot be opened \(.+\); check RELAY_SANDBOX_FILE or --file/
    })
  }
})

t.test('without a file nothing is kept', async t => {
  const storage = openStorage()
  storage.keep('count', 'a', '1')
  storage.empty('call')
  storage.commit()
  t.same(storage.load('count'), [])
  storage.close()
})
