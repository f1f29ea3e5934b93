import { readFileSync } from 'node:fs'

/** Of the package. */
export function relayVersion(): string {
  const file = new URL('../../package.json', import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')).version
}
