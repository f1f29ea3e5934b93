import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  type Scalar,
  type YAMLError
} from 'yaml'
import type { Found } from '../config/environment.ts'
import { filledText, type Pieces, writtenOffset } from '../model/filled-text.ts'

/** Member names and list positions, from the top of the file. */
export type Path = (string | number)[]

export interface Problem {
  path: Path
  /** What is wrong and what to do; never a secret. */
  message: string
  /** Where in the member's text, in characters from its beginning; its name is pointed at unless told. */
  offset?: number
  /** The message without words of the member's text, for where variables were put into it. */
  bare?: string
  /** Members are missing; those whose variable is not to be had are missing too. */
  lacks?: true
}

export interface Position {
  line: number
  col: number
}

export interface ConnectionsFile {
  /**
   * Members that are null are left out; numbers and booleans are text as written; `${NAME}` is filled in. Undefined
   * where the syntax is broken.
   */
  value: unknown
  /** Broken syntax, or variables that are not to be had. */
  problems: Problem[]
  /** Line and column of a member, or of the nearest one around it; with an offset, of that character of its text. */
  position(path: Path, offset?: number): Position
  /** The text of a member into which variables were put; undefined of any other. */
  filled(path: Path): Pieces | undefined
}

/** What stands behind it may be part of a secret, so it is not repeated. */
const unclosed: Found = {
  problem: `opens \${ and never closes it; write \${NAME}, or $\${ for the characters themselves`
}

/**
 * YAML → plain values, with the place of each.
 * @param variable the environment, by name
 */
export function readConnectionsFile(text: string, variable: (name: string) => Found): ConnectionsFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: sameKey })
  const problems: Problem[] = []
  const offsets = new Map<string, number>()
  const texts = new Map<string, Scalar>()
  const filled = new Map<string, Pieces>()
  const followed = new Set<unknown>()
  const position = (path: Path, offset?: number) => {
    const inside = texts.get(pathText(path))
    if (offset !== undefined && inside !== undefined) {
      const pieces = filled.get(pathText(path))
      const written = pieces === undefined ? offset : writtenOffset(pieces, offset)
      return lines.linePos(sourceOffset(text, inside, written))
    }
    const depth = path.findLastIndex((_, index) => offsets.has(pathText(path.slice(0, index + 1))))
    return lines.linePos(offsets.get(pathText(path.slice(0, depth + 1))) ?? 0)
  }
  for (const error of document.errors) {
    const { line } = lines.linePos(error.pos[0])
    const path = [`(line ${line})`]
    // One slip makes the parser stumble several times over the same line.
    if (offsets.has(pathText(path))) continue
    offsets.set(pathText(path), error.pos[0])
    problems.push({ path, message: syntaxAdvice(error, `${text.split('\n')[line - 1]}`) })
  }
  const value = problems.length > 0 ? undefined : (plain(document.contents, []) ?? {})
  return { value, problems, position, filled: path => filled.get(pathText(path)) }

  function plain(node: unknown, path: Path): unknown {
    if (isAlias(node)) return aliased(node, path)
    if (isScalar(node)) {
      texts.set(pathText(path), node)
      return scalar(node, path)
    }
    if (isSeq<ParsedNode>(node)) {
      return node.items.map((item, index) => plain(item, noted([...path, index], item)))
    }
    if (!isMap<ParsedNode, ParsedNode | null>(node)) return undefined
    const members = node.items.map(({ key, value }) => {
      const name = keyText(key)
      return [name, plain(value, noted([...path, name], key))] as const
    })
    return Object.fromEntries(members.filter(([, member]) => member !== undefined))
  }

  function aliased(alias: Alias, path: Path): unknown {
    const target = alias.resolve(document)
    if (target === undefined || followed.has(target)) {
      problems.push({
        path,
        message:
          'is an alias (*) of nothing, or of something it is part of; put the value in quotes if no alias is meant'
      })
      return undefined
    }
    followed.add(target)
    const value = plain(target, path)
    followed.delete(target)
    return value
  }

  function noted(path: Path, node: ParsedNode): Path {
    offsets.set(pathText(path), node.range[0])
    return path
  }

  function scalar(node: Scalar, path: Path): string | undefined {
    if (node.value === null) return undefined
    return typeof node.value === 'string' ? interpolate(node.value, path) : node.source
  }

  /** `${NAME}` → the variable, `$${` → `${` itself. Undefined where a variable is not to be had. */
  function interpolate(content: string, path: Path): string | undefined {
    let complete = true
    let from = 0
    const pieces: Pieces = []
    const add = (written: string, filled = written) => pieces.push({ written, filled })
    for (const { 0: written, 1: name, 2: end, index } of content.matchAll(/\$\$\{|\$\{([^}]*)(\}?)/g)) {
      add(content.slice(from, index))
      from = index + written.length
      const found = name === undefined ? { value: '${' } : end === '' ? unclosed : fetched(name)
      if (found.problem !== undefined) problems.push({ path, message: found.problem })
      complete &&= found.value !== undefined
      add(written, found.value ?? '')
    }
    if (pieces.length === 0) return content
    add(content.slice(from))
    filled.set(pathText(path), pieces)
    return complete ? filledText(pieces) : undefined
  }

  function fetched(name: string): Found {
    // What stands there may be part of a secret, so it is not repeated.
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      return {
        problem: `holds \${…} around something that is not the name of a variable; for the characters themselves write $\${`
      }
    }
    const { value, problem = adviceOnUnset(name) } = variable(name)
    return value === undefined ? { problem: `\${${name}} ${problem}` } : { value }
  }
}

/** The relay refuses to start with such a variable unless it is a setting, so nobody is told to set one first. */
function adviceOnUnset(name: string): string {
  return name.startsWith('RELAY_')
    ? 'is not set in the environment; give it a name that does not begin with RELAY_, as only the relay’s settings do'
    : 'is not set in the environment; set it'
}

/**
 * Where in the file a character of a value stands: exact in block texts (`|`) and on a single line, else where the value
 * begins.
 */
function sourceOffset(text: string, { range, type, value }: Scalar, offset: number): number {
  const [start, end] = range as [number, number, number]
  const source = text.slice(start, end)
  if (type === 'BLOCK_LITERAL') {
    const [header = '', ...content] = source.split('\n')
    const before = String(value).slice(0, offset)
    const column = offset - before.lastIndexOf('\n') - 1
    const first = content.findIndex(line => line.trim() !== '')
    const indent = leading(content[first]) - leading(String(value).split('\n')[first])
    const above = [header, ...content.slice(0, before.split('\n').length - 1)]
    return start + above.join('\n').length + 1 + indent + column
  }
  if (source.includes('\n')) return start
  return start + offset + (type === 'PLAIN' ? 0 : 1)
}

function leading(line = ''): number {
  return line.length - line.trimStart().length
}

/** `connections[0].places.40192.key` */
export function pathText(path: Path): string {
  return path
    .map(step => {
      if (typeof step === 'number') return `[${step}]`
      return /^[\w() -]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`
    })
    .join('')
    .replace(/^\./, '')
}

/** A key as written: `007` is not `7`. */
function keyText(key: Node): string {
  if (!isScalar(key)) return '(no name)'
  return typeof key.value === 'string' ? key.value : `${key.source}`
}

function sameKey(a: Node, b: Node): boolean {
  return keyText(a) === keyText(b)
}

/** The library's own sentences quote the text, which may hold a secret. */
function syntaxAdvice({ code }: YAMLError, line: string): string {
  if (code === 'DUPLICATE_KEY') return 'gives a name that was given before; keep one of the two'
  if (/[{[].*\$\{/.test(line)) return `cannot be read; inside { } and [ ] put "\${NAME}" in quotes`
  return `cannot be read as YAML (${code.toLowerCase().replaceAll('_', ' ')}); look at the indentation and quotes here and above`
}
