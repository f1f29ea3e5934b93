import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A program that tests drive and npm does not bring. */
export interface Tool {
  /** What it is called, in the order of preference. */
  names: string[]
  /** Debian's package that has it. */
  package: string
  /** Where it is put when the package is only unpacked, and not installed. */
  unpacked?: string
}

export const cache = join(import.meta.dirname, '../node_modules/.cache')

export const chromium: Tool = {
  names: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'],
  package: 'chromium'
}

export const promtool: Tool = {
  names: ['promtool'],
  package: 'prometheus',
  unpacked: join(cache, 'prometheus/usr/bin/promtool')
}

/** @returns the path of the program; undefined where there is none */
export function findTool({ names, unpacked }: Tool): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(folder => folder !== '')
  const places = names.flatMap(name => folders.map(folder => join(folder, name)))
  return [...places, ...(unpacked === undefined ? [] : [unpacked])].find(isProgram)
}

/** @throws where there is none: what is not tried must not look as if it had passed */
export function toolPath(tool: Tool): string {
  const found = findTool(tool)
  if (found === undefined) throw new Error(howToGet(tool))
  return found
}

export function howToGet({ names, package: name }: Tool): string {
  return `${names[0]} is not installed: run "apt-get install --no-install-recommends ${name}" as root, or put it on the PATH some other way.`
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
