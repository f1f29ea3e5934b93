import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { type Label, type LabelsOf, type Metric, metrics, metricsByName, type NameOf } from './metrics.ts'

/** The metrics of one relay, as things that count. */
export interface Meters {
  count<Name extends NameOf<'counter'>>(name: Name, labels: LabelsOf<Name>, by?: number): void
  /** @param value less than nothing, as of a clock that was set back, counts as nothing */
  observe<Name extends NameOf<'histogram'>>(name: Name, labels: LabelsOf<Name>, value: number): void
  set<Name extends NameOf<'gauge'>>(name: Name, labels: LabelsOf<Name>, value: number): void
  /** What this process has counted. */
  own: Registry
  /** What was read from the store. */
  ofStore: Registry
}

/** What a metric keeps for one set of labels. */
interface Child {
  inc?(by: number): void
  observe?(value: number): void
}

interface Settings {
  name: string
  help: string
  labelNames: string[]
  registers: Registry[]
}

export function metersOf(): Meters {
  const own = new Registry()
  const ofStore = new Registry()
  const counters = made('counter', settings => new Counter(settings))
  const gauges = made('gauge', settings => new Gauge(settings))
  const histograms = made('histogram', settings => new Histogram(settings))
  /** By name and values: prom-client sorts and joins the labels of every call, which costs more than to count. */
  const children = new Map<string, Child>()

  function made<Type extends Metric['type'], Made>(
    type: Type,
    make: (settings: Settings) => Made
  ): Record<NameOf<Type>, Made> {
    const ofType = Object.entries(metricsByName).filter(([, metric]) => metric.type === type)
    const entries = ofType.map(([name, { help, labels, buckets, ofStore: isOfStore }]) => {
      const registers = [isOfStore ? ofStore : own]
      const settings = { name, help, labelNames: Object.keys(labels), registers }
      return [name, make(buckets === undefined ? settings : { ...settings, ...{ buckets: [...buckets] } })]
    })
    return Object.fromEntries(entries)
  }

  function child(name: string, labels: object, find: () => Child): Child {
    let id = name
    for (const value of Object.values(labels)) id += ` ${value}`
    const known = children.get(id)
    if (known !== undefined) return known
    const found = find()
    children.set(id, found)
    return found
  }

  function count(name: NameOf<'counter'>, labels: object, by = 1): void {
    child(name, labels, () => counters[name].labels({ ...labels })).inc?.(by)
  }

  for (const name of Object.keys(counters) as NameOf<'counter'>[])
    for (const labels of allOf(metrics[name].labels)) count(name, labels, 0)

  return {
    count,
    observe(name, labels, value) {
      child(name, labels, () => histograms[name].labels({ ...labels })).observe?.(Math.max(value, 0))
    },
    set: (name, labels, value) => gauges[name].set({ ...labels }, value),
    own,
    ofStore
  }
}

/**
 * Every set of values, where each label has a list of them; else none. Counters stand at nothing for these from the start:
 * what is first seen at 1 has not risen for those who look.
 */
function allOf(labels: Readonly<Record<string, Label>>): object[] {
  return Object.entries(labels).reduce<object[]>(
    (sets, [label, values]) => {
      if (typeof values === 'string') return []
      return sets.flatMap(set => values.map(value => ({ ...set, [label]: value })))
    },
    [{}]
  )
}
