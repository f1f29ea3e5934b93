import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cache, chromium, findTool, howToGet, promtool, type Tool } from '../test/tools.ts'

// Gets what the tests drive and npm does not bring, from Debian's packages: a browser, and promtool. Where that cannot be, it
// says what to do, and the tests that need it fail with the same words.
let isUpToDate = false

for (const tool of [chromium, promtool]) {
  if (findTool(tool) !== undefined) continue
  console.log(`getting ${tool.names[0]} from the package ${tool.package} …`)
  if (tool.unpacked === undefined) install(tool)
  else unpack(tool, tool.unpacked)
  if (findTool(tool) === undefined) console.error(howToGet(tool))
}

function install(tool: Tool): void {
  updateLists()
  asRoot('apt-get', 'install', '--yes', '--no-install-recommends', tool.package)
}

/** Unpacked and not installed: the package would start a service. */
function unpack(tool: Tool, program: string): void {
  const folder = join(cache, tool.package)
  mkdirSync(folder, { recursive: true })
  if (!run(['apt-get', 'download', tool.package], folder)) {
    updateLists()
    run(['apt-get', 'download', tool.package], folder)
  }
  const file = readdirSync(folder).find(name => name.endsWith('.deb'))
  // The folder of the program is at usr/bin of what is unpacked.
  if (file !== undefined) run(['dpkg', '-x', join(folder, file), join(dirname(program), '../..')], folder)
}

function updateLists(): void {
  if (!isUpToDate) asRoot('apt-get', 'update')
  isUpToDate = true
}

/** Without a question: nobody may be there to answer it. */
function asRoot(...words: string[]): boolean {
  return run(process.getuid?.() === 0 ? words : ['sudo', '-n', ...words])
}

function run([program = '', ...args]: string[], cwd = process.cwd()): boolean {
  const { status, error, stderr } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  })
  if (status === 0) return true
  console.error(`${program} ${args.join(' ')}: ${error?.message ?? stderr.trim().split('\n').at(-1)}`)
  return false
}
