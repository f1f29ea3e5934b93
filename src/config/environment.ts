import { readFileSync } from 'node:fs'
import { reasonOf } from '../errors.ts'

/** Variables by name; the command line passes `process.env`. */
export type Environment = Record<string, string | undefined>

/** @throws whatever the file system says */
export type ReadFile = (path: string) => string

export const readText: ReadFile = path => readFileSync(path, 'utf8')

/** What stands in the environment under a name; neither member where there is nothing. */
export interface Found {
  value?: string
  /** What is wrong and what to do; never the value. */
  problem?: string
}

/**
 * A variable, or the content of the file that `<NAME>_FILE` names, as container secrets are handed over.
 * An empty variable counts as not set; line ends at the end of a file are not part of the secret.
 */
export function lookUp(env: Environment, name: string, readFile: ReadFile): Found {
  const value = env[name]
  const file = env[`${name}_FILE`]
  if (!file) return value ? { value } : {}
  if (value) return { problem: `is given twice; keep either ${name} or ${name}_FILE` }
  let content: string
  try {
    content = readFile(file).replace(/[\r\n]+$/, '')
  } catch (cause) {
    return { problem: `${name}_FILE cannot be read (${reasonOf(cause)}); check the path and its permissions` }
  }
  return content === ''
    ? { problem: `the file in ${name}_FILE is empty; write the secret into it` }
    : { value: content }
}
