// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how the file names variables
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import t from 'tap'
import { generated, writeGenerated } from '../../scripts/generate-schemas.ts'
import type { Platform } from '../../src/platforms/platform.ts'
import { platforms } from '../connections/given.ts'

const root = join(import.meta.dirname, '../..')

t.test('what is generated from the schemas is not stale; `npm run generate` writes it', async t => {
  const written = await generated()
  for (const [path, content] of Object.entries(written)) {
    t.equal(readFileSync(join(root, path), 'utf8'), content, path)
  }
  const directory = t.testdir()
  await writeGenerated(directory)
  t.equal(readFileSync(join(directory, '.env.example'), 'utf8'), written['.env.example'])
})

t.test('a platform whose words of status say everything has its table alone', async t => {
  const { bolt } = platforms
  const statuses = { member: 'state', standings: new Map([['on', 'pushed' as const]]) }
  const page = `${(await generated({ bolt: { ...bolt, statuses } as Platform }))['docs/platforms/statuses.md']}`
  t.match(page, /\| `state` \| at Seam \|\n\| --- \| --- \|\n\| `on` \| The stay is pushed \|\n\nMore: /)
})

t.test('the editor’s schema takes what the relay takes, variables included', async t => {
  const schema = JSON.parse(`${(await generated(platforms))['schemas/connections.schema.json']}`)
  const fits = new Ajv({ strict: true, strictTypes: false, allErrors: true }).compile(schema)
  const bolt = { id: 'b', platform: 'bolt', customer_key: 'c' }
  const secrets = { username: '${USER}', password: ['${OLD}', '${NEW}'] }
  const api = { account_id: '${ACCOUNT}', api_key: 'k', endpoint: 'sandbox' }
  t.ok(fits({ connections: [{ ...bolt, secrets, api, places: { '1': { name: 'A' } } }] }))
  t.ok(fits({ workspaces: [{ id: 'eu', api_key: '${SEAM_EU_KEY}' }], connections: [] }))
  t.notOk(fits({ connections: [{ ...bolt, secrets: { username: 'a' } }] }), 'a secret is missing')
  t.notOk(
    fits({ connections: [{ ...bolt, secrets, api: { ...api, account_id: 'x' } }] }),
    'an account is no number'
  )
  t.notOk(fits({ connections: [{ ...bolt, secrets, api: { ...api, more: 'x' } }] }), 'a member is unknown')
  t.notOk(fits({ connections: [{ ...bolt, platform: 'elsewhere', secrets }] }), 'a platform is unknown')
  t.notOk(
    fits({ connections: [{ ...bolt, platform: 'acme', secrets: { signing_secret: 's' }, api }] }),
    'no api there'
  )
})
