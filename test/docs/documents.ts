import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** Every document for people, by its path from the root. */
export const documents = new Map(
  [
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    'src/README.md',
    ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.md'))
      .map(name => join('docs', name))
  ].map(path => [path, readFileSync(join(root, path), 'utf8')])
)

export function documentOf(path: string): string {
  const text = documents.get(path)
  if (text === undefined) throw new TypeError(`there is no document ${path}`)
  return text
}

/** A sample between two fences. */
export interface Sample {
  document: string
  language: string
  text: string
}

const fence = /^```(\w*)\n([\s\S]*?)^```$/gm

export const samples: Sample[] = [...documents].flatMap(([document, text]) =>
  Array.from(text.matchAll(fence), ([, language = '', sample = '']) => ({ document, language, text: sample }))
)

/** What is written for a shell or between two backticks: where commands and names are. */
export function codeOf(text: string): string[] {
  const shell = Array.from(text.matchAll(fence)).flatMap(([, language, sample = '']) =>
    language === 'sh' ? sample.split('\n') : []
  )
  const inline = Array.from(text.replaceAll(fence, '').matchAll(/`([^`\n]+)`/g), ([, code = '']) => code)
  return [...shell, ...inline]
}

/** Cells of the rows of every table under a heading, without its head. */
export function tableUnder(document: string, heading: string): string[][] {
  const section = documentOf(document).split(`\n${heading}\n`)[1]?.split(/^#+ /m)[0] ?? ''
  const rows = section.split('\n').filter(line => line.startsWith('|'))
  return rows
    .map(line =>
      line
        .split('|')
        .slice(1, -1)
        .map(cell => cell.trim())
    )
    .filter((_, index) => index > 1)
}

export function quoted(cell: string): string[] {
  return Array.from(cell.matchAll(/`([^`]+)`/g), ([, name = '']) => name)
}

/** Everything under `src`, as one text. */
export const sourceText = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts'))
  .map(name => readFileSync(join(root, 'src', name), 'utf8'))
  .join('\n')
