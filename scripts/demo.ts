/**
 * `npm run demo`: a story told by every registered platform to a relay of its own, and whether Seam ends up with what
 * is true. Needs nothing running and leaves nothing behind; exits 1 where a verdict is wrong.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Platform } from '../src/platforms/platform.ts'
import { platforms as registered } from '../src/platforms/registry.ts'
import { hasFaults, report, resultsOf } from './demo/report.ts'
import { type Cast, castOf, onStage, type Stage } from './demo/stage.ts'
import { story } from './demo/story.ts'
import { type Paint, paintFor } from './demo/table.ts'
import { entriesOf } from './demo/verdict.ts'

export interface DemoOptions {
  platforms: Record<string, Platform>
  out: { write(text: string): unknown; isTTY?: boolean }
  env: Record<string, string | undefined>
  connectionsFile?: string
}

const demoConnections = join(import.meta.dirname, '../connections.yaml')
const ACT_WIDTH = Math.max(...story.map(act => act.says.length)) + 5

/** @returns the exit code: 0 where every verdict is right */
export async function demo(options: DemoOptions): Promise<number> {
  const { platforms, out, env, connectionsFile = demoConnections } = options
  const startedAt = performance.now()
  const paint = paintFor(out.isTTY === true, env)
  const say = (lines: string[]) => out.write(lines.map(line => `${line && ` ${line}`}\n`).join(''))
  const folder = mkdtempSync(join(tmpdir(), 'seam-relay-demo-'))
  const clearAway = () => rmSync(folder, { recursive: true })

  let cast: Cast
  try {
    cast = castOf({ platforms, connectionsFile, folder })
  } catch (error) {
    clearAway()
    say([(error as Error).message])
    return 1
  }
  const results = await onStage(cast, async stage => {
    say(introduction(stage, paint))
    await play(stage, out, paint)
    return resultsOf(stage)
  })
  say(['', ...report(results, (performance.now() - startedAt) / 1000, paint)])
  if (results.some(hasFaults)) {
    say([`The relay’s log and store: ${folder}`, ''])
    return 1
  }
  clearAway()
  return 0
}

function introduction({ accounts }: Stage, paint: Paint): string[] {
  return [
    '',
    paint('bold', `Seam Relay: one story, told by ${accounts.length} platforms at once`),
    '',
    'Each webhook is signed as its platform signs it, and goes over HTTP to a relay started just now.',
    'A sandbox plays Seam and the platforms’ own APIs; nothing leaves this machine.',
    '',
    paint('dim', `${'act'.padEnd(ACT_WIDTH)}  at Seam    took`)
  ]
}

/** A line for each act: what happens, then what Seam holds once it has. */
async function play(stage: Stage, out: DemoOptions['out'], paint: Paint): Promise<void> {
  for (const [index, act] of story.entries()) {
    out.write(` ${`${index + 1}  ${act.says}`.padEnd(ACT_WIDTH)}`)
    const startedAt = performance.now()
    await act.play(stage)
    const took = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`
    out.write(`${`${await staysAtSeam(stage)} stays`.padStart(9)}${paint('dim', took.padStart(8))}\n`)
  }
}

async function staysAtSeam({ accounts, sandbox }: Stage): Promise<number> {
  const held = await Promise.all(
    accounts.map(async ({ connection: { customerKey, lists } }) =>
      entriesOf(await sandbox.held(customerKey), lists.stay)
    )
  )
  return held.flat().length
}

if (import.meta.main) {
  process.exitCode = await demo({ platforms: registered, out: process.stdout, env: process.env })
}
