#!/usr/bin/env node
// Plain JavaScript that old versions of Node can read: it finds a Node new enough for the relay, and hands over.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const wanted = engines.node.replace('>=', '').split('.').map(Number)

if (isNewEnough(process.versions.node)) {
  process.exitCode = await run()
  // What is still open by now was given up at an orderly stop that ran out of time.
  setTimeout(() => process.exit(), 500).unref()
} else {
  const node = broughtNode()
  if (node === undefined) {
    console.error(
      `seam-relay needs Node ${wanted.join('.')} or newer; this is ${process.versions.node}. Install a newer one, or run "npm ci" to get the one that comes with the relay.`
    )
    process.exitCode = 1
  } else handOver(node)
}

function isNewEnough(version) {
  const parts = version.split('.').map(Number)
  return parts[0] !== wanted[0] ? parts[0] > wanted[0] : parts[1] >= (wanted[1] || 0)
}

async function run() {
  try {
    const listensItself = endWhileLoading()
    const { main } = await import(pathToFileURL(entry()).href)
    listensItself()
    return await main(process.argv.slice(2))
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    console.error(`seam-relay: ${error.message}\nRun "npm ci" to install what is missing.`)
    return 1
  }
}

/**
 * The first process of a container gets no signal that it does not listen for: told to stop while it is still loading, it would run until
 * it is killed. @returns stops listening
 */
function endWhileLoading() {
  if (process.pid !== 1) return () => undefined
  const listeners = Object.entries({ SIGINT: 130, SIGTERM: 143 }).map(([signal, code]) => {
    const end = () => process.exit(code)
    process.on(signal, end)
    return () => process.removeListener(signal, end)
  })
  return () => {
    for (const remove of listeners) remove()
  }
}

/** The built relay, unless its sources are here and one of them is newer: a stale build must not surprise anybody. */
function entry() {
  const built = join(root, 'dist/cli/cli.js')
  const source = join(root, 'src/cli/cli.ts')
  if (!existsSync(source)) return built
  return existsSync(built) && changedAt(built) >= newestIn(join(root, 'src')) ? built : source
}

/** Folders count too: what was removed or renamed leaves its mark on them alone. */
function newestIn(folder) {
  return Math.max(
    changedAt(folder),
    ...readdirSync(folder, { recursive: true }).map(name => changedAt(join(folder, name)))
  )
}

function changedAt(path) {
  return statSync(path).mtimeMs
}

/** The Node of this repository: an optional dependency for each kind of machine, without install scripts. */
function broughtNode() {
  const require = createRequire(import.meta.url)
  const file = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node'
  const kind = process.platform === 'win32' ? 'win' : process.platform
  for (const name of [`node-${kind}-${process.arch}`, `node-bin-${kind}-${process.arch}`]) {
    try {
      const found = join(dirname(require.resolve(`${name}/package.json`)), file)
      // One that is too old itself would hand over to itself for ever.
      if (existsSync(found) && realpathSync(found) !== realpathSync(process.execPath)) return found
    } catch {
      // Not the package for this machine.
    }
  }
  return undefined
}

/** Signals go on to the relay; its end is ours. */
function handOver(node) {
  let child
  // Before it runs: it may be told to stop the moment it says that it has started.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  const own = fileURLToPath(import.meta.url)
  child = spawn(node, [...process.execArgv, own, ...process.argv.slice(2)], { stdio: 'inherit' })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}
