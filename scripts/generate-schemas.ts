/**
 * Writes what is derived from the schemas in `src`: the editor's schema of the connections file, the example
 * environment, the tables of settings and metrics, the platforms' events and statuses, and the OpenAPI document of the
 * service.
 * `npm run generate`; a test fails when one of them is stale.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expected, type Setting, settingNames, settingOf } from '../src/config/settings.ts'
import { apiSchema, FileEntry, writtenSecretsSchema } from '../src/connections/schema.ts'
import type { Platform } from '../src/platforms/platform.ts'
import { platforms } from '../src/platforms/registry.ts'
import type { Standing, Statuses } from '../src/platforms/statuses.ts'
import { metricsPage } from './describe-metrics.ts'
import { serviceDescription } from './describe-service.ts'

/** Path from the repository's root → content. */
export async function generated(
  known: Record<string, Platform> = platforms
): Promise<Record<string, string>> {
  const byName = Object.values(known).sort((a, b) => a.name.localeCompare(b.name))
  return {
    'schemas/connections.schema.json': `${JSON.stringify(connectionsSchema(byName), undefined, 2)}\n`,
    '.env.example': envExample(),
    'docs/settings.md': settingsTable(),
    'docs/metrics.md': metricsPage(),
    'docs/platforms/events.md': eventsPage(byName.filter(({ of }) => of === undefined)),
    'docs/platforms/statuses.md': statusesPage(byName),
    'openapi/relay.yaml': await serviceDescription()
  }
}

export async function writeGenerated(root: string, known?: Record<string, Platform>): Promise<void> {
  for (const [path, content] of Object.entries(await generated(known))) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
}

function connectionsSchema(known: Platform[]): unknown {
  const { connections } = FileEntry.properties
  const entry = connections.items
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Connections of the relay',
    ...FileEntry,
    properties: {
      ...FileEntry.properties,
      connections: {
        ...connections,
        items: {
          ...entry,
          properties: {
            ...entry.properties,
            platform: { ...entry.properties.platform, enum: known.map(({ name }) => name) }
          },
          allOf: known.map(wants)
        }
      }
    }
  }
  return forEditors(schema)
}

function wants(platform: Platform): unknown {
  const api = apiSchema(platform)
  const webhooks = platform.description?.schema
  return {
    if: { properties: { platform: { const: platform.name } }, required: ['platform'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema, and nobody awaits this
    then: {
      properties: {
        secrets: writtenSecretsSchema(platform),
        api: api ?? false,
        webhooks: webhooks ?? false
      },
      ...(webhooks !== undefined && { required: ['webhooks'] })
    }
  }
}

/** Editors see `${NAME}` where the relay sees its value, and know none of the relay's formats. */
function forEditors(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema), (name, value) => {
    if (name === 'format' && typeof value === 'string') return undefined
    return name === 'pattern' && typeof value === 'string' ? `${value}|\\$\\{` : value
  })
}

const envIntroduction = `# Every setting of the relay, with its default. Copy this file to .env and take the mark away from what you change.
# An empty value counts as not set. What is secret may come from a file instead: <NAME>_FILE=<path>.
`

const envEnding = `
# Traces: OpenTelemetry's own variables, of which OTEL_EXPORTER_OTLP_ENDPOINT (such as http://localhost:4318) is enough; see docs/tracing.md.
`

function envExample(): string {
  const blocks = settingNames.map(name => {
    const setting = settingOf(name)
    const file = setting.secret ? `# ${name}_FILE=/run/secrets/${name.toLowerCase()}\n` : ''
    return `\n# ${setting.description}${bounds(setting)}\n# ${name}=${setting.default ?? ''}\n${file}`
  })
  return `${envIntroduction}${blocks.join('')}${envEnding}`
}

/** ` (ms, 0 to 600000)`, behind a number's description. */
function bounds({ type, unit, minimum, maximum }: Setting): string {
  if (type !== 'integer') return ''
  return ` (${unit === undefined ? '' : `${unit}, `}${minimum} to ${maximum})`
}

const tableIntroduction = `# Settings

Settings come from the environment. Start-up names every wrong one at once and exits 78; \`seam-relay check\` shows what they come to.
An empty variable counts as not set. A secret may be given as \`<NAME>_FILE\`, a path, instead; line ends at the end of the file are not part
of it. An unknown name that begins with \`RELAY_\` is refused, so that a slip of the pen is not silently a default; variables for
the [connections file](connections.md) therefore need names of another kind. The platforms' secrets are no settings: they are in that file.

OpenTelemetry's own variables (\`OTEL_…\`) switch [traces](tracing.md) on.

This table is generated from \`src/config/settings.ts\` by \`npm run generate\`.

| setting | default | takes | what it does |
| --- | --- | --- | --- |
`

function settingsTable(): string {
  const rows = settingNames.map(name => {
    const setting = settingOf(name)
    const fallback =
      setting.default === undefined || `${setting.default}` === ''
        ? ''
        : `\`${setting.default}\` ${setting.unit ?? ''}`.trimEnd()
    const file = setting.secret ? ` Or \`${name}_FILE\`.` : ''
    return `| \`${name}\` | ${fallback} | ${expected(setting)} | ${setting.description}${file} |\n`
  })
  return `${tableIntroduction}${rows.join('')}`
}

const eventsIntroduction = `# Events

What each adapter understands, and what it passes over and why. An event that stands nowhere here is kept, ignored and counted as
drift; \`seam-relay check\` shows it.

This page is generated from \`src/platforms\` by \`npm run generate\`.
`

function eventsPage(known: Platform[]): string {
  const sections = known.map(({ name, title, events, ignored }) => {
    const understood = Object.keys(events).map(event => `| \`${event}\` | understood |\n`)
    const passedOver = Object.entries(ignored).map(
      ([event, reason]) => `| \`${event}\` | ignored: ${reason} |\n`
    )
    const rows = [...understood, ...passedOver].join('')
    return `\n## [${title}](${name}.md)\n\n| event | |\n| --- | --- |\n${rows}`
  })
  return `${eventsIntroduction}${sections.join('')}`
}

const statusesIntroduction = `# Statuses

What each word of a platform leads to, from the tables that the adapters go by. A word that stands nowhere here changes nothing: the
delivery is held and counted as drift. *Not pushed* leaves no stay at Seam, as *deleted* does; but of two changes that were told for
the same moment, the one that deletes wins.

A platform that [a connection describes](custom.md) speaks the words of [Standard](#standard).

This page is generated from \`src/platforms\` by \`npm run generate\`.
`

/** As the platforms' pages say it, in the order of the rows. */
const atSeam: Record<Standing, string> = {
  pushed: 'The stay is pushed',
  'checked out': 'Pushed with the real end',
  tentative: 'Not pushed, unless `tentative: push`',
  inquiry: 'Not pushed: an inquiry',
  'owner stay': 'Not pushed: an owner’s stay',
  block: 'Not pushed: a block',
  'no access': 'Not pushed',
  cancelled: 'The stay is deleted'
}

function statusesPage(known: Platform[]): string {
  const sections = known.flatMap(({ name, title, statuses }) =>
    statuses === undefined ? [] : [`\n## ${title}\n\n${wordsOf(statuses)}More: [${title}](${name}.md).\n`]
  )
  return `${statusesIntroduction}${sections.join('')}`
}

function wordsOf({ member, standings, beside }: Statuses): string {
  const rows = Object.entries(atSeam).flatMap(([standing, meaning]) => {
    const words = [...standings].filter(([, each]) => each === standing).map(([word]) => `\`${word}\``)
    return words.length === 0 ? [] : [`| ${words.join(', ')} | ${meaning} |\n`]
  })
  const table = member === undefined ? '' : `| \`${member}\` | at Seam |\n| --- | --- |\n${rows.join('')}\n`
  return `${table}${beside === undefined ? '' : `${beside}\n\n`}`
}

/* c8 ignore next: tests call the function above and never write into the repository */
if (import.meta.main) await writeGenerated(join(import.meta.dirname, '..'))
