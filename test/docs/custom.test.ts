import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { custom } from '../../src/platforms/custom/custom.ts'
import { demoDescription } from '../../src/platforms/custom/demo.ts'
import { deliveryOf, demoConnection } from '../platforms/contract.ts'
import { root, samples } from './documents.ts'

const page = samples.filter(({ document }) => document === 'docs/platforms/custom.md')
const textIn = (language: string, index = 0) =>
  String(page.filter(each => each.language === language)[index]?.text)

/** Every scalar as the relay reads it, which is a text. */
function webhooksIn(text: string, id: string): object {
  const { connections } = parse(text) as { connections: { id: string; webhooks: object }[] }
  const webhooks = connections.find(each => each.id === id)?.webhooks ?? {}
  return JSON.parse(
    JSON.stringify(webhooks, (_, value) => (typeof value === 'number' ? String(value) : value))
  )
}

t.test('the page, the demo and the samples describe the same invented platform', async t => {
  const { samples: files, ...described } = webhooksIn(textIn('yaml'), 'heron') as { samples: string }
  t.strictSame(described, demoDescription)
  t.equal(files, './samples/heron/*.json')
  t.strictSame(
    webhooksIn(readFileSync(join(root, 'connections.yaml'), 'utf8'), 'demo-custom'),
    demoDescription
  )
})

t.test('the body on the page becomes the event that stands behind it', async t => {
  const [body, event] = [textIn('json'), textIn('json', 1)]
  const [read] = await custom.readEvents(deliveryOf(demoConnection(custom), { body }))
  t.strictSame(read?.payload, { event: JSON.parse(event) })
})
