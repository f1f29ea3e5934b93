import { CompiledQuery } from 'kysely'
import t from 'tap'
import { loadConfig } from '../../src/config.ts'
import { loadConnections } from '../../src/connections.ts'
import { platforms } from '../../src/platforms/registry.ts'
import { openStore } from '../../src/store/store.ts'
import { documents, samples } from './documents.ts'

const key = `whsec_${Buffer.from('a secret that stands in documents').toString('base64')}`

t.test('every connections file in the documents is one, and warns of nothing', async t => {
  const files = samples.filter(({ language, text }) => language === 'yaml' && /^connections:/m.test(text))
  t.ok(files.length > 5)
  for (const { document, text } of files) {
    const names = Array.from(text.matchAll(/\$\{(\w+)\}/g), ([, name = '']) => name)
    const env = Object.fromEntries(names.map(name => [name, name.startsWith('SEAM') ? 'seam_abcdefgh' : key]))
    const config = loadConfig({ SEAM_API_KEY: 'seam_abcdefgh' })
    const read = () => loadConnections({ config, env, platforms, readFile: () => text })
    t.doesNotThrow(read, document)
    t.strictSame(read().warnings, [], document)
  }
})

t.test('every JSON in the documents can be read', async t => {
  for (const { document, text } of samples.filter(({ language }) => language === 'json'))
    t.doesNotThrow(() => JSON.parse(text), document)
})

t.test('every query in the documents fits the tables', async t => {
  const store = await openStore('file::memory:')
  t.teardown(() => store.close())
  const fenced = samples.filter(({ language }) => language === 'sql').map(({ text }) => text)
  const inline = [...documents.values()].flatMap(text =>
    Array.from(text.matchAll(/sqlite3 -readonly [^\n"]*"(select [^"]+)"/g), ([, query = '']) => query)
  )
  const queries = [...fenced, ...inline].flatMap(text => text.split(';')).filter(text => text.trim() !== '')
  t.ok(queries.length > 8)
  for (const query of queries)
    await t.resolves(store.db.executeQuery(CompiledQuery.raw(query)), query.trim().slice(0, 60))
})
