#!/usr/bin/env node
// Plain JavaScript that old versions of Node can read: it finds a Node new enough for the relay, and hands over.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const wanted = engines.node.replace('>=', '').split('.').map(Number)
const entry = ['dist/cli/cli.js', 'src/cli/cli.ts'].map(path => join(root, path)).find(path => existsSync(path))

if (isNewEnough(process.versions.node)) {
  const { main } = await import(entry)
  process.exitCode = await main(process.argv.slice(2))
} else {
  const node = broughtNode()
  if (node === undefined) {
    console.error(`seam-relay needs Node ${wanted.join('.')} or newer; this is ${process.versions.node}. Install a newer one, or run "npm ci" to get the one that comes with the relay.`)
    process.exitCode = 1
  } else handOver(node)
}

function isNewEnough(version) {
  const parts = version.split('.').map(Number)
  return parts[0] !== wanted[0] ? parts[0] > wanted[0] : parts[1] >= (wanted[1] || 0)
}

/** The Node of this repository: an optional dependency for each kind of machine, without install scripts. */
function broughtNode() {
  const require = createRequire(import.meta.url)
  const file = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node'
  const kind = process.platform === 'win32' ? 'win' : process.platform
  for (const name of [`node-${kind}-${process.arch}`, `node-bin-${kind}-${process.arch}`]) {
    try {
      const found = join(dirname(require.resolve(`${name}/package.json`)), file)
      if (existsSync(found)) return found
    } catch {
      // Not the package for this machine.
    }
  }
  return undefined
}

/** Signals go on to the relay; its end is ours. */
function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}
