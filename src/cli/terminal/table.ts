import type { Screen, Tone } from './screen.ts'
import { cut, padded, widthOf } from './text-width.ts'

export interface Column {
  title: string
  align?: 'left' | 'right'
  /** Where the terminal is narrow it may be cut, down to so many cells; the others are not. */
  least?: number
  /** Where even that is too wide, it is left out; the last of those first. */
  mayGo?: true
}

export type Cell = string | { text: string; tone?: Tone | undefined }

/** Between two columns. */
const GAP = '  '

/** Rows under their titles, each column as wide as it has to be and the whole no wider than the screen. */
export function tableLines({ width, paint }: Screen, columns: Column[], rows: Cell[][]): string[] {
  const all = columns.map((column, at) => ({
    ...column,
    at,
    width: Math.max(widthOf(column.title), ...rows.map(row => widthOf(textOf(row[at] ?? ''))))
  }))
  const laid = width === undefined ? all : fitting(all, width)
  const line = (cells: Cell[]) =>
    laid
      .map(({ at, width: room, align }) => {
        const cell = cells[at] ?? ''
        const text = padded(cut(textOf(cell), room), room, align)
        return paint(text, typeof cell === 'string' ? undefined : cell.tone)
      })
      .join(GAP)
      .trimEnd()
  return [line(columns.map(({ title }) => ({ text: title, tone: 'dim' }))), ...rows.map(line)]
}

/** Facts under each other, their names aligned. */
export function factLines({ paint }: Screen, facts: [name: string, value: Cell][], indent = '  '): string[] {
  const width = Math.max(0, ...facts.map(([name]) => widthOf(name)))
  return facts.map(([name, value]) => {
    const shown = typeof value === 'string' ? value : paint(value.text, value.tone)
    return `${indent}${paint(padded(name, width), 'dim')}${GAP}${shown}`.trimEnd()
  })
}

/** Nothing where there is no value. */
export function fact(name: string, value: string | null): [string, string][] {
  return value === null ? [] : [[name, value]]
}

/** Lines under a heading; nothing where there are none. */
export function section({ paint }: Screen, heading: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ['', paint(heading, 'strong'), ...lines]
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text
}

type Laid = Column & { at: number; width: number }

/** Cell by cell the widest that may be cut gives way, and where that is not enough whole columns do. */
function fitting(columns: Laid[], width: number): Laid[] {
  const whole = columns.reduce((sum, each) => sum + each.width + GAP.length, -GAP.length)
  const spare = columns.reduce((sum, each) => sum + spareOf(each), 0)
  const first = columns.findLast(each => each.mayGo === true)
  if (whole - spare > width && first !== undefined) {
    return fitting(
      columns.filter(each => each !== first),
      width
    )
  }
  for (let over = Math.min(spare, whole - width); over > 0; over -= 1) {
    const widest = columns.reduce((most, each) => (spareOf(each) > spareOf(most) ? each : most))
    widest.width -= 1
  }
  return columns
}

function spareOf({ width, least = width }: Laid): number {
  return Math.max(0, width - least)
}
