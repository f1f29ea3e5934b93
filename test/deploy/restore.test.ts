import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { samples } from '../docs/documents.ts'

/** What the page on production has a shell do on the volume: in Docker with the copy, on Kubernetes once it is there. */
const recipes = samples
  .filter(({ document }) => document === 'docs/production.md')
  .flatMap(({ text }) => /\bsh (?:\S+ )?-ec '([^']*)'/.exec(text)?.slice(1) ?? [])

/** @returns whether it came to its end */
function restore(folder: string, recipe: string, copy?: string): boolean {
  const brings = recipe.includes(' /backup.db ')
  if (copy !== undefined) writeFileSync(join(folder, brings ? 'backup.db' : 'data/restored.db'), copy)
  return spawnSync('sh', ['-ec', recipe.replace('/backup.db', 'backup.db')], { cwd: folder }).status === 0
}

/** Every file of the volume, with what is in it. */
function volume(t: Test, folder: string): Record<string, string> {
  const files = globSync('**/*', { cwd: join(folder, 'data'), withFileTypes: true }).filter(each =>
    each.isFile()
  )
  const paths = files.map(file => join(file.parentPath, file.name))
  t.ok(paths.length > 0)
  return Object.fromEntries(
    paths.map(path => [
      path.replace(/^.*\/data\//, '').replace(/(lost)-.*\//, '$1/'),
      readFileSync(path, 'utf8')
    ])
  )
}

t.test('there is one for Docker and one for Kubernetes', async t => {
  t.equal(recipes.length, 2)
})

for (const [index, recipe] of recipes.entries()) {
  t.test(
    `recipe ${index}: nothing that was there is mixed into the copy, the second time neither`,
    async t => {
      const folder = t.testdir({ data: { 'relay.db': 'old', 'relay.db-wal': 'log', 'relay.db-shm': 'map' } })
      t.ok(restore(folder, recipe, 'first copy'))
      t.same(volume(t, folder), {
        'relay.db': 'first copy',
        'lost/relay.db': 'old',
        'lost/relay.db-wal': 'log',
        'lost/relay.db-shm': 'map'
      })
      writeFileSync(join(folder, 'data/relay.db-wal'), 'newer log')
      t.ok(restore(folder, recipe, 'second copy'))
      t.equal(globSync('lost-*', { cwd: join(folder, 'data') }).length, 2)
      t.match(volume(t, folder), { 'relay.db': 'second copy', 'relay.db-wal': undefined })
    }
  )

  t.test(`recipe ${index}: a volume on which nothing is yet gets the copy as well`, async t => {
    const folder = t.testdir({ data: {} })
    t.ok(restore(folder, recipe, 'copy'))
    t.same(volume(t, folder), { 'relay.db': 'copy' })
  })

  t.test(`recipe ${index}: without a copy everything stays where it is`, async t => {
    const there = { 'relay.db': 'old', 'relay.db-wal': 'log' }
    const folder = t.testdir({ data: there })
    t.notOk(restore(folder, recipe))
    t.same(volume(t, folder), there)
  })
}
