import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import { BehaviourSetting, BehaviourSwitch } from '../../src/sandbox/behaviour.ts'
import { keysIn } from '../../src/sandbox/keys.ts'

const keys = keysIn('delete_data', { guest_keys: ['g1'] })

function never(): number {
  throw new Error('nobody should throw dice here')
}

t.test('a sandbox that was told nothing behaves', async t => {
  const behaviour = new BehaviourSwitch(never)
  t.equal(behaviour.take('push_data', keys), undefined)
  t.same(behaviour.current, { fail: [], unknown_delete: 'ok', refuse_keys: [] })
})

t.test('a rule with times goes off so often and is gone', async t => {
  const behaviour = new BehaviourSwitch(never)
  const setting = { fail: [{ status: 500, times: 2 }, { status: 429 }] }
  behaviour.set(setting)
  t.equal(behaviour.take('push_data', keys)?.status, 500)
  t.same(behaviour.current.fail, [{ status: 500, times: 1 }, { status: 429 }])
  t.equal(behaviour.take('push_data', keys)?.status, 500)
  t.equal(behaviour.take('push_data', keys)?.status, 429)
  t.same(setting.fail[0], { status: 500, times: 2 }, 'the setting stays the caller’s')
})

t.test('a rule is for one call, one key or both', async t => {
  const behaviour = new BehaviourSwitch(never)
  behaviour.set({ fail: [{ status: 500, operation: 'delete_data', when_key: 'g1' }] })
  t.equal(behaviour.take('push_data', keys), undefined)
  t.equal(behaviour.take('delete_data', []), undefined)
  t.equal(behaviour.take('delete_data', keys)?.status, 500)
})

t.test('a rule with a probability goes off when the dice say so, and only then counts down', async t => {
  const dice = [0.5, 0.49]
  const behaviour = new BehaviourSwitch(() => dice.shift() ?? 1)
  behaviour.set({ fail: [{ status: 500, probability: 0.5, times: 1 }] })
  t.equal(behaviour.take('push_data', keys), undefined)
  t.equal(behaviour.take('push_data', keys)?.status, 500)
  t.same(behaviour.current.fail, [])
})

t.test('a new setting replaces the whole of the old one', async t => {
  const behaviour = new BehaviourSwitch(never)
  behaviour.set({ fail: [{ status: 500 }], unknown_delete: 'not_found', refuse_keys: ['x'] })
  t.same(behaviour.set({ refuse_keys: ['y'] }), { fail: [], unknown_delete: 'ok', refuse_keys: ['y'] })
  t.same(behaviour.set({}), { fail: [], unknown_delete: 'ok', refuse_keys: [] })
})

t.test('a misspelt setting is no setting', async t => {
  t.ok(Value.Check(BehaviourSetting, { fail: [{ status: 503, body: { any: ['thing'] }, plain_text: true }] }))
  for (const wrong of [
    { fails: [] },
    { fail: [{ state: 500 }] },
    { fail: [{ times: 0 }] },
    { fail: [{ probability: 2 }] },
    { fail: [{ status: 99 }] },
    { unknown_delete: 'maybe' }
  ]) {
    t.notOk(Value.Check(BehaviourSetting, wrong), JSON.stringify(wrong))
  }
})
