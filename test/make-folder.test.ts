import { existsSync } from 'node:fs'
import t from 'tap'
import { makeFolder } from '../src/make-folder.ts'

t.test('a folder is made with all that is missing around it', async t => {
  const dir = t.testdir()
  for (const folder of [`${dir}/a/b/c`, `${dir}/a/b/c`, `${dir}/d/../e`]) {
    makeFolder(folder)
    t.ok(existsSync(folder))
  }
})

t.test('where no folder can be made it says so, and comes to an end', async t => {
  const dir = t.testdir({ file: '' })
  t.throws(() => makeFolder(`${dir}/file`), { code: 'EEXIST' })
  t.throws(() => makeFolder(`${dir}/file/a/b`), { code: 'ENOTDIR' })
  t.throws(() => makeFolder('/proc/no/such/folder'), /mkdir/)
})
