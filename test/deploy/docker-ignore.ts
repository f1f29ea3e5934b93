/**
 * What a .dockerignore keeps out of the build: the last line that fits decides, and one that begins with `!` lets in. A line that
 * names a folder speaks of everything in it. Patterns know `*` and `**`.
 */
export function dockerIgnore(text: string): (path: string) => boolean {
  const rules = text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => ({ lets: line.startsWith('!'), pattern: patternOf(line.replace(/^!/, '')) }))
  return path => rules.findLast(({ pattern }) => pattern.test(path))?.lets === false
}

function patternOf(line: string): RegExp {
  if (/[?[\]\\]/.test(line)) throw new TypeError(`not read: ${line}`)
  const source = line
    .replace(/^\/|\/$/g, '')
    .replace(/[.+^${}()|]/g, '\\$&')
    .replace(/\*\*\/|\*\*|\*/g, star => (star === '**/' ? '(?:.*/)?' : star === '**' ? '.*' : '[^/]*'))
  return new RegExp(`^${source}(?:/.*)?$`)
}
