import { Document, visit } from 'yaml'
import { loadConfig } from '../src/config.ts'
import { createLog } from '../src/observe/log.ts'
import { assembleRelay } from '../src/relay.ts'
import { openStore } from '../src/store/store.ts'

const mark =
  '# Generated from the routes in src by `npm run generate`; the relay serves the same at /openapi.json.\n'

/** What readers of YAML 1.1 take for a time, a date or a flag. */
const isAmbiguous = /^[\d:.TZ+-]+$|^(?:y|n|yes|no|on|off)$/i

/** The OpenAPI document of the relay as it is put together in src, as YAML. Neither settings nor connections show in it. */
export async function serviceDescription(): Promise<string> {
  const store = await openStore('file::memory:')
  const relay = assembleRelay({
    config: loadConfig({}),
    connections: { workspaces: [], connections: [], sandbox: false, warnings: [] },
    platforms: {},
    store,
    log: createLog('silent'),
    now: Date.now,
    random: Math.random
  })
  await relay.app.ready()
  const document = new Document(relay.app.swagger(), { aliasDuplicateObjects: false })
  await relay.stop(0)
  visit(document, {
    Scalar(_key, scalar) {
      if (typeof scalar.value === 'string' && isAmbiguous.test(scalar.value)) scalar.type = 'QUOTE_DOUBLE'
    }
  })
  return `${mark}${document.toString({ lineWidth: 110 })}`
}
