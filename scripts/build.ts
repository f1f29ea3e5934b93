import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'

// A file that was removed from src must not live on in dist.
const root = join(import.meta.dirname, '..')
rmSync(join(root, 'dist'), { recursive: true, force: true })

// The relay and its dashboard know nothing of each other here, so they are built at the same time.
const outcomes = await Promise.all([
  run('typescript/bin/tsc', '-p', join(root, 'tsconfig.build.json')),
  run('vite/bin/vite.js', 'build', '--logLevel', 'warn')
])
process.exitCode = outcomes.find(code => code !== 0) ?? 0

async function run(program: string, ...args: string[]): Promise<number> {
  const child = spawn(process.execPath, [join(root, 'node_modules', program), ...args], {
    cwd: root,
    stdio: 'inherit'
  })
  const [code] = await once(child, 'exit')
  return Number(code ?? 1)
}
