import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import type { Platform } from '../../src/platforms/platform.ts'
import { checkBrokenBodies } from '../platforms/contract-broken-bodies.ts'
import { checkStatuses } from '../platforms/contract-statuses.ts'
import { checkStory } from '../platforms/contract-story.ts'
import { checkStrangers, checkVerification } from '../platforms/contract-verification.ts'
import { demoConnection } from '../platforms/demo-connection.ts'
import { defaultReceivedAt, outcomesOf } from '../platforms/outcome.ts'
import { root, samples } from './documents.ts'

const page = samples.filter(({ document }) => document === 'docs/adding-a-platform.md')

t.test('the platform of the walk-through keeps the adapter contract', async t => {
  const pinewood = await built(t.testdir())
  const connection = demoConnection(pinewood)
  for (const make of Object.values(pinewood.samples.events)) {
    const sample = make({ connection, now: defaultReceivedAt, serial: 1 })
    await checkVerification(t, pinewood, connection, sample)
    await checkBrokenBodies(t, pinewood, connection, sample)
  }
  await checkStrangers(t, pinewood, connection)
  await checkStory(t, pinewood, connection)
  await checkStatuses(t, pinewood, connection)
})

t.test('its fixture means what stands beside it', async t => {
  const pinewood = await built(t.testdir())
  const [body, changes] = page.filter(({ language }) => language === 'json').map(({ text }) => text)
  const outcomes = await outcomesOf(pinewood, demoConnection(pinewood), { body: body ?? '' })
  const told = outcomes.flatMap(({ translation }): unknown[] =>
    Array.isArray(translation) ? translation : [translation]
  )
  t.strictSame(JSON.parse(JSON.stringify(told)), JSON.parse(changes ?? ''))
})

/** The files of the page, written into a folder from which they reach the relay's own. */
async function built(folder: string): Promise<Platform> {
  const files = page.filter(({ language }) => language === 'ts')
  for (const { text } of files) {
    const [, path = ''] = /^\/\/ (src\/platforms\/pinewood\/[\w-]+\.ts)\n/.exec(text) ?? []
    const name = path.split('/').at(-1) ?? ''
    const home = pathToFileURL(join(root, path))
    const reaching = text.replace(/'(\.\.\/[^']+)'/g, (_, target: string) => `'${new URL(target, home)}'`)
    writeFileSync(join(folder, name), reaching)
  }
  const { pinewood } = await import(pathToFileURL(join(folder, 'pinewood.ts')).href)
  return pinewood
}
