import { executionAsyncResource } from 'node:async_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { checkPushData } from '../src/seam/contract.ts'
import { keepTickShape } from '../src/tick-shape.ts'

// What V8 knows of an object's members, its hidden class, is seen through functions that it has for its own tests.
setFlagsFromString('--allow-natives-syntax')
setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')
const sameHiddenClass = new Function('a', 'b', 'return %HaveSameMap(a, b)')

const turn = () => new Promise(resolve => setImmediate(resolve))

t.test('one of what process.nextTick queues is never let go, and others have its hidden class', async t => {
  const kept = new WeakRef(await keepTickShape())
  // A turn later nothing but the relay itself holds it.
  await turn()
  collect()
  t.ok(kept.deref(), 'it outlives a full collection')
  const later = await new Promise<object>(resolve => {
    process.nextTick(() => resolve(executionAsyncResource()))
  })
  t.ok(sameHiddenClass(kept.deref(), later))
  t.notOk(sameHiddenClass({}, later), 'and not that of any object')
})

t.test('compiling the largest schemas leaves room for hidden classes', async t => {
  for (const rules of ['documented', 'published', 'strict', 'stripping'] as const) checkPushData({}, rules)
  const withHeader = (name: string) => {
    const headers: Record<string, string> = {}
    headers[name] = ''
    return headers
  }
  t.ok(sameHiddenClass(withHeader('x-never-seen'), withHeader('x-never-seen')))
})
