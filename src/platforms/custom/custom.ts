/**
 * A platform that nobody wrote an adapter for: its connection describes it in the connections file, under `webhooks`
 * (docs/platforms/custom.md). What its events mean is said in JSONata, which yields the relay's own events
 * (docs/standard-events.md), so everything behind the expression is what `standard` has.
 *
 * - Expressions run in a process of their own (evaluator.ts), which is ended where one takes too much time or memory.
 * - A body is read the same whenever it is read: functions of chance and of the clock are withheld.
 * - The platform in the registry is an invented one, which demo and tests speak as (demo.ts). A connection always has a
 *   description of its own.
 */
import type { Connection } from '../../model/connection.ts'
import type { Platform } from '../platform.ts'
import { demoDescription } from './demo.ts'
import { describedPlatform } from './described-platform.ts'
import { Description } from './description.ts'
import { evaluator } from './evaluator.ts'
import { problemsIn } from './problems.ts'
import { demoSamples } from './samples.ts'
import { anySecrets } from './verification.ts'

const { queue } = evaluator()
const described = new WeakMap<Connection, Platform>()

export const custom: Platform = {
  ...describedPlatform(demoDescription, [], queue()),
  title: 'Custom',
  secrets: anySecrets,
  samples: demoSamples,
  description: {
    schema: Description,
    problems: written => [...problemsIn(written as Partial<Description>)],
    platform: written => describedPlatform(written as Description, [], queue())
  },
  of(connection) {
    const { webhooks } = connection
    if (webhooks === undefined) return custom
    const known = described.get(connection)
    if (known !== undefined) return known
    const { bodies, written } = webhooks
    const platform = describedPlatform(webhooks.description as Description, bodies, queue(), written)
    const made = isDemo(webhooks.description) ? { ...platform, samples: demoSamples } : platform
    described.set(connection, made)
    return made
  }
}

/** The demo's connection speaks of the invented platform, whose samples need no files. */
function isDemo(description: unknown): boolean {
  return JSON.stringify(description) === JSON.stringify(demoDescription)
}
