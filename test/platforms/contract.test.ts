import { readdirSync } from 'node:fs'
import t from 'tap'
import { platforms } from '../../src/platforms/registry.ts'
import { contract, demoConnection } from './contract.ts'

t.test('the registry names every folder of platforms, and nothing else', async t => {
  const folder = new URL('../../src/platforms/', import.meta.url)
  const folders = readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => entry.name)
  t.strictSame(new Set(Object.keys(platforms)), new Set(folders))
  for (const [name, platform] of Object.entries(platforms)) t.equal(platform.name, name)
})

for (const platform of Object.values(platforms)) {
  contract(t, platform, demoConnection(platform))
}
