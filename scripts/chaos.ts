import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

// The chaos test for as long as one likes: npm run chaos -- --faults 500 --seed 7
const { values } = parseArgs({
  options: { faults: { type: 'string', default: '200' }, seed: { type: 'string' } }
})
const faults = wholeOf('--faults', values.faults)
const seed = values.seed === undefined ? undefined : wholeOf('--seed', values.seed)

const test = spawn(process.execPath, [join(import.meta.dirname, '../test/chaos.test.ts')], {
  cwd: join(import.meta.dirname, '..'),
  stdio: 'inherit',
  env: {
    ...process.env,
    CHAOS_FAULTS: String(faults),
    ...(seed !== undefined && { CHAOS_SEED: String(seed) }),
    // In seconds; the test has a limit of its own.
    TAP_TIMEOUT: String(300 + faults * 15)
  }
})
// The test ends what it has started, and then itself.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => test.kill(name))
const [code] = await once(test, 'exit')
process.exitCode = code ?? 1

function wholeOf(name: string, text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 0) return number
  console.error(`${name} is a whole number, not ${text}`)
  process.exit(2)
}
