import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { IDeployment } from 'kubernetes-models/apps/v1'
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2'
import t from 'tap'
import { parse } from 'yaml'
import { metricsByName } from '../../src/observe/metrics.ts'
import { processMetrics } from '../../src/observe/process-metrics.ts'
import { STUCK_AFTER_MS } from '../../src/operate/overview.ts'
import { samples } from '../docs/documents.ts'
import { promtool, toolPath } from '../tools.ts'
import { clustersOf, manifests, relayOf, workloadsOf } from './cluster.ts'
import { root } from './image.ts'
import { type Asked, askedBy } from './promql.ts'

interface Rule {
  alert: string
  expr: string
  labels: Record<string, string>
  annotations: Record<string, string>
}

interface Panel {
  id: number
  type: string
  title: string
  description?: string
  gridPos: { x: number; y: number; w: number; h: number }
  datasource?: { uid: string }
  fieldConfig?: { defaults: { thresholds?: { steps: { value: number | null }[] } } }
  targets?: { expr: string; legendFormat: string; datasource: { uid: string } }[]
}

/** https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitor, as far as ours goes. */
interface PodMonitor {
  spec: {
    jobLabel: string
    selector: { matchLabels: Record<string, string> }
    podMetricsEndpoints: { port: string; path: string }[]
  }
}

const { paths: relayPaths } = parse(readFileSync(join(root, 'openapi/relay.yaml'), 'utf8'))
const folder = join(root, 'deploy/prometheus')
const textOf = (file: string) => readFileSync(join(folder, file), 'utf8')
const rules: Rule[] = parse(textOf('seam-relay.rules.yaml')).groups.flatMap(
  (group: { rules: Rule[] }) => group.rules
)
const dashboard = JSON.parse(textOf('seam-relay.dashboard.json')) as {
  panels: Panel[]
  templating: { list: { name: string; definition?: string }[] }
}
const panels = dashboard.panels.filter(panel => panel.type !== 'row')

/** Of every series: Prometheus puts these beside a relay's own labels. */
const ofTarget = ['instance', 'job']
const ofNode = new Set(
  processMetrics()
    .getMetricsAsArray()
    .map(metric => metric.name)
)

/** What an expression asks for that there is not. */
function missing({ metrics, grouped }: Asked): string[] {
  const labels = new Set(['le', ...ofTarget, ...metrics.flatMap(({ name }) => labelsOf(name) ?? [])])
  return [
    ...metrics.flatMap(({ name, matchers }) => {
      const known = labelsOf(name)
      return known === undefined ? [name] : matchers.flatMap(each => wrongIn(name, known, each))
    }),
    ...grouped.filter(label => !labels.has(label))
  ]
}

/** Undefined where there is no such metric. */
function labelsOf(name: string): string[] | undefined {
  if (ofNode.has(name)) return ofTarget
  const metric = metricOf(name)
  return metric && [...Object.keys(metric.labels), ...ofTarget]
}

function metricOf(name: string) {
  const base = name.replace(/_(?:bucket|sum|count)$/, '')
  const isPart = base !== name
  const metric = metricsByName[isPart ? base : name]
  return metric !== undefined && (metric.type === 'histogram') === isPart ? metric : undefined
}

function wrongIn(
  name: string,
  known: string[],
  { label, operator, value }: Asked['metrics'][number]['matchers'][number]
): string[] {
  if (!known.includes(label)) return [`${name}{${label}}`]
  const values = metricOf(name)?.labels[label]
  if (values === undefined || typeof values === 'string') return []
  const asked = operator.endsWith('~') ? value.split('|') : [value]
  return asked.filter(each => !values.includes(each)).map(each => `${name}{${label}="${each}"}`)
}

t.test(
  'every metric, label and value that an alert asks for exists (looked up in the list of metrics)',
  async t => {
    for (const { alert, expr } of rules) t.strictSame(missing(askedBy(expr)), [], alert)
    t.strictSame(
      missing(
        askedBy(
          'sum by (plattform) (rate(relay_requests_totl{outcome="taken"}[5m])) / relay_held{stage="sync"}'
        )
      ),
      ['relay_requests_totl', 'relay_held{stage="sync"}', 'plattform'],
      'which this would find'
    )
    t.throws(() => askedBy('relay_held ? 1'), TypeError)
  }
)

t.test('every metric, label and value that a panel of the dashboard asks for exists', async t => {
  for (const { title, targets = [] } of panels) {
    t.not(targets.length, 0, title)
    for (const { expr, legendFormat } of targets) {
      const asked = askedBy(expr.replaceAll('$__rate_interval', '5m'))
      t.strictSame(missing(asked), [], title)
      t.ok(
        asked.metrics.every(({ matchers }) => matchers.some(({ value }) => value === '$job')),
        `${title}: of the chosen job`
      )
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        t.ok([...asked.grouped, 'instance'].includes(label), `${title}: {{${label}}}`)
    }
  }
  t.match(
    dashboard.templating.list.find(({ name }) => name === 'job')?.definition,
    /^label_values\(relay_build_info, job\)$/
  )
})

t.test('work is behind for the alert when it is stuck for the relay', async t => {
  const seconds = STUCK_AFTER_MS / 1_000
  t.match(rules.find(({ alert }) => alert === 'RelayWorkBehind')?.expr, new RegExp(` > ${seconds}$`))
  const ages = panels.filter(({ targets = [] }) =>
    targets.some(({ expr }) => expr.includes('relay_oldest_due_age_seconds'))
  )
  const red = ages.flatMap(each => each.fieldConfig?.defaults.thresholds?.steps.at(-1)?.value ?? [])
  t.strictSame(new Set(red), new Set([seconds]))
})

t.test('metrics that every relay reads from the store are never added up', async t => {
  const expressions = [
    ...rules.map(({ expr }) => expr),
    ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  ]
  const ofStore = Object.keys(metricsByName).filter(name => metricsByName[name]?.ofStore)
  for (const expr of expressions)
    for (const name of ofStore)
      t.notMatch(expr, new RegExp(`(?:sum|avg|count)(?: by \\([^)]*\\))? ?\\(${name}`), expr)
})

t.test(
  'every alert says how urgent it is, what is wrong, and what it means; and a unit test raises it',
  async t => {
    const tested = textOf('seam-relay.rules.test.yaml')
    for (const { alert, labels, annotations } of rules) {
      t.ok(['critical', 'warning', 'info'].includes(String(labels.severity)), alert)
      t.ok(annotations.summary && annotations.description, alert)
      const raised = [
        `alertname: ${alert}\n        exp_alerts:`,
        `labels: ALERTS{alertname="${alert}",alertstate="firing"`
      ]
      t.ok(
        raised.some(words => tested.includes(words)),
        `${alert} is raised by a test`
      )
    }
    t.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length)
  }
)

t.test('the dashboard can be imported anywhere, and its panels do not cover each other', async t => {
  t.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length)
  const taken = new Set<string>()
  for (const { title, gridPos } of dashboard.panels) {
    t.ok(gridPos.x + gridPos.w <= 24, title)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        if (taken.has(`${x} ${y}`)) t.fail(`${title} covers another panel`)
        taken.add(`${x} ${y}`)
      }
    }
  }
  for (const { title, description, datasource, targets = [] } of panels) {
    t.ok(description, `${title} says what it shows`)
    for (const each of [datasource, ...targets.map(target => target.datasource)])
      t.equal(each?.uid, '$'.concat('{datasource}'), title)
  }
})

t.test('the autoscaler asks for a metric and for stages that exist', async t => {
  const { spec } = clustersOf(t).grown.get<IHorizontalPodAutoscaler>('HorizontalPodAutoscaler')
  for (const { external } of spec?.metrics ?? []) {
    const { name, selector } = external?.metric ?? { name: '' }
    for (const { key, values = [] } of selector?.matchExpressions ?? [])
      for (const value of values)
        t.strictSame(missing(askedBy(`${name}{${key}="${value}"}`)), [], `${key} ${value}`)
    t.ok(metricsByName[name]?.ofStore, 'which all pods tell alike')
  }
})

t.test(
  'the operator’s monitor asks every relay, and nobody else, as the page’s configuration does',
  async t => {
    const monitor = parse(
      readFileSync(join(manifests, 'components/pod-monitor/pod-monitor.yaml'), 'utf8')
    ) as PodMonitor
    const { postgres, sqlite, examplePostgres } = clustersOf(t)
    const { jobLabel, selector, podMetricsEndpoints } = monitor.spec
    for (const cluster of [postgres, sqlite]) {
      const { object, template, pod } = relayOf(cluster)
      t.same(selector.matchLabels, (object as IDeployment).spec?.selector.matchLabels)
      t.equal(template.metadata?.labels?.[jobLabel], 'seam-relay')
      t.strictSame(
        podMetricsEndpoints.map(({ port }) => port),
        pod.containers.flatMap(({ ports = [] }) => ports.map(({ name }) => name))
      )
    }
    const others = workloadsOf(examplePostgres).filter(({ object }) => object.kind === 'Job')
    for (const { template } of others) t.notMatch(template.metadata?.labels, selector.matchLabels)
    t.ok(relayPaths['/metrics'])
    t.strictSame(
      podMetricsEndpoints.map(({ path }) => path),
      ['/metrics']
    )
    const page = samples.find(
      ({ document, text }) => document === 'docs/production.md' && text.startsWith('scrape_configs:')
    )
    const [{ job_name, kubernetes_sd_configs, relabel_configs }] = parse(page?.text ?? '').scrape_configs
    t.equal(job_name, 'seam-relay')
    const asked = Object.entries(selector.matchLabels).map(([name, value]) => `${name}=${value}`)
    t.equal(kubernetes_sd_configs[0].selectors[0].label, asked.join(','))
    t.equal(relabel_configs[0].regex, podMetricsEndpoints[0]?.port)
  }
)

t.test('promtool: the configuration and the rules are right, and the alerts’ unit tests pass', async t => {
  for (const args of [
    ['check', 'config', 'prometheus.yaml'],
    ['check', 'rules', 'seam-relay.rules.yaml'],
    ['test', 'rules', 'seam-relay.rules.test.yaml']
  ]) {
    const ran = spawnSync(toolPath(promtool), args, { cwd: folder, encoding: 'utf8' })
    t.equal(ran.status, 0, `${args.join(' ')}\n${ran.stdout}${ran.stderr}`)
  }
})
