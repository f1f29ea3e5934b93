import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { unmeasured } from '../run-relay.ts'
import { dockerIgnore } from './docker-ignore.ts'
import { type Instruction, parseDockerfile, type Stage } from './dockerfile.ts'

export const root = join(import.meta.dirname, '../..')
export const dockerfile = parseDockerfile(readFileSync(join(root, 'Dockerfile'), 'utf8'))
export const isIgnored = dockerIgnore(readFileSync(join(root, '.dockerignore'), 'utf8'))

/** The one that becomes the image. */
export function lastStage(): Stage {
  const stage = dockerfile.stages.at(-1)
  if (stage === undefined) throw new TypeError('there is no stage')
  return stage
}

/** What a COPY names: where from, and where to. */
export function sourcesOf({ rest }: Instruction): { sources: string[]; target: string } {
  const words = rest.split(/\s+/)
  return { sources: words.slice(0, -1), target: words.at(-1) ?? '' }
}

/** Files of the repository that a COPY brings into the build, without those that are kept out. */
export function contextFiles(source: string): string[] {
  const path = join(root, source)
  if (!existsSync(path)) return []
  const files = statSync(path).isDirectory()
    ? globSync('**/*', { cwd: path, withFileTypes: true })
        .filter(each => each.isFile())
        .map(each => join(each.parentPath, each.name).slice(root.length + 1))
    : [source]
  return files.filter(file => !isIgnored(file))
}

/**
 * Makes the image's files in a folder, a folder for each stage, as far as that goes without containers: RUN runs on this
 * machine. The build does not install what it needs a second time, but takes the packages of the repository.
 * @returns the folder that stands for the root of the image
 */
export function buildImage(folder: string): string {
  for (const stage of dockerfile.stages) buildStage(folder, stage)
  return rootOf(folder, lastStage().name)
}

function rootOf(folder: string, stage: string | undefined): string {
  return join(folder, stage ?? 'image')
}

function buildStage(folder: string, { name, instructions }: Stage): void {
  let workdir = rootOf(folder, name)
  for (const instruction of instructions) {
    const { keyword, rest } = instruction
    if (keyword === 'WORKDIR') {
      workdir = join(rootOf(folder, name), rest)
      mkdirSync(workdir, { recursive: true })
    } else if (keyword === 'COPY') copy(folder, instruction, workdir)
    else if (keyword === 'RUN') run(rest, workdir, name === 'build')
  }
}

function copy(folder: string, instruction: Instruction, workdir: string): void {
  const { sources, target } = sourcesOf(instruction)
  const { from, chown } = instruction.flags
  const into = target.endsWith('/')
  for (const source of sources) {
    const to = into ? join(workdir, target, basename(source)) : join(workdir, target)
    // Moved, which is quicker: nothing is copied twice.
    if (from !== undefined) renameSync(join(rootOf(folder, from), source), to)
    else
      for (const file of contextFiles(source)) {
        const place = join(to, file.slice(source.length))
        mkdirSync(dirname(place), { recursive: true })
        cpSync(join(root, file), place)
      }
    const [uid, gid] = chown?.split(':').map(Number) ?? []
    if (uid !== undefined && gid !== undefined && process.getuid?.() === 0) chownSync(to, uid, gid)
  }
}

function run(command: string, cwd: string, isBuild: boolean): void {
  if (isBuild && /^npm ci\b/.test(command)) {
    symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'))
    return
  }
  const { status, stderr, stdout } = spawnSync(...unmeasured('sh', ['-c', command]), {
    cwd,
    encoding: 'utf8',
    // What is in npm's cache need not be asked for.
    env: { ...process.env, npm_config_prefer_offline: 'true', npm_config_fetch_retries: '1' }
  })
  if (status !== 0) throw new Error(`${command}: ${stdout}${stderr}`)
}

/** Takes the right to write away, where whoever runs it is not another user anyway. */
export function makeReadOnly(folder: string, except: string): void {
  if (process.getuid?.() === 0) return
  for (const each of ['', ...globSync('**/*', { cwd: folder })]) {
    const path = join(folder, each)
    if (path === except || path.startsWith(`${except}/`)) continue
    chmodSync(path, statSync(path).mode & 0o555)
  }
}

/** Takes everything away again, read-only as it may be. */
export function removeImage(folder: string): void {
  for (const each of globSync('**/', { cwd: folder })) chmodSync(join(folder, each), 0o755)
  rmSync(folder, { recursive: true })
}
