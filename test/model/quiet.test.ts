import { createHash } from 'node:crypto'
import t from 'tap'
import { quietKey } from '../../src/model/quiet.ts'

t.test(
  'a key that is no more than an id is told, and what may be a person’s is told by its hash',
  async t => {
    for (const key of ['lakeside:40192', 'a:res_01-b.2', 'x']) t.equal(quietKey(key), key)
    for (const key of ['a:ann.lee@example.com', 'a:Ann Lee', 'a:+4915550001111', 'a:Ünal', '']) {
      const hash = createHash('sha256').update(key).digest('hex')
      t.equal(quietKey(key), `sha256:${hash.slice(0, 16)}`)
    }
  }
)
