import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import t from 'tap'
import type { SandboxView } from '../../src/sandbox/memory.ts'
import { startSandbox } from '../../src/sandbox/standalone.ts'
import { completeStay, KEY } from './open-sandbox.ts'

const options = { port: 0, apiKeys: [KEY], platforms: {}, settingsOf: () => ({}) }

async function push(address: string, body: unknown): Promise<number> {
  const answer = await fetch(`${address}/customers/push_data`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body)
  })
  await answer.text()
  return answer.status
}

async function customersAt(address: string): Promise<unknown> {
  const view = (await (await fetch(`${address}/sandbox/state`)).json()) as SandboxView
  return view.workspaces[0]?.customers
}

t.test('the sandbox runs as a server of its own, on this machine only', async t => {
  const running = await startSandbox(options)
  t.match(running.address, /^http:\/\/127\.0\.0\.1:\d+$/)
  t.equal(await push(running.address, completeStay()), 200)
  t.match(await customersAt(running.address), [{ stays: [{ key: 'r1', access: 'granted' }] }])
  await running.close()
  await t.rejects(push(running.address, completeStay()))
})

t.test('nothing that was answered is lost when the process is killed', async t => {
  const stateFile = `${t.testdir()}/sandbox.db`
  const source = `
    import { startSandbox } from ${JSON.stringify(new URL('../../src/sandbox/standalone.ts', import.meta.url).href)}
    const settings = ${JSON.stringify({ port: 0, apiKeys: [KEY], platforms: {}, stateFile })}
    console.log((await startSandbox({ ...settings, settingsOf: () => ({}) })).address)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  t.teardown(() => child.kill('SIGKILL'))
  const exited = once(child, 'exit')
  const [address] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    exited.then(() => Promise.reject(new Error('the sandbox ended by itself')))
  ])
  const answered: string[] = []
  for (let turn = 0; turn < 25; turn += 1) {
    if ((await push(address, completeStay(`r${turn}`))) === 200) answered.push(`r${turn}`)
  }
  child.kill('SIGKILL')
  await exited

  const running = await startSandbox({ ...options, stateFile })
  t.teardown(running.close)
  const [customer] = (await customersAt(running.address)) as { stays: { key: string }[] }[]
  t.same(new Set(customer?.stays.map(({ key }) => key)), new Set(answered))
  t.equal(answered.length, 25)
})
