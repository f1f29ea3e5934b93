import { styleText } from 'node:util'

export interface Column<Row> {
  title: string
  align: 'left' | 'right'
  cell(row: Row): string
  /** Colour of a cell; it must leave the width alone. */
  paint?(text: string, row: Row): string
}

/** Neighbouring columns under one heading. */
export interface ColumnGroup<Row> {
  title: string
  columns: Column<Row>[]
}

const GAP = '  '

/** Lines as wide as the columns need: two of headings, a rule, and one for each row. */
export function tableOf<Row>(groups: ColumnGroup<Row>[], rows: Row[]): { head: string[]; body: string[] } {
  const measured = groups.map(({ title, columns }) => {
    const sized = columns.map(column => ({ ...column, width: widthOf(column, rows) }))
    return { title, columns: sized, width: sized.map(each => '─'.repeat(each.width)).join(GAP).length }
  })
  const columns = measured.flatMap(group => group.columns)
  const line = (cells: string[]) => cells.join(GAP).trimEnd()
  return {
    head: [
      line(measured.map(group => group.title.padEnd(group.width))),
      line(columns.map(column => padded(column.title, column))),
      line(columns.map(column => '─'.repeat(column.width)))
    ],
    body: rows.map(row =>
      line(
        columns.map(column => {
          const text = padded(column.cell(row), column)
          return column.paint?.(text, row) ?? text
        })
      )
    )
  }
}

function widthOf<Row>({ title, cell }: Column<Row>, rows: Row[]): number {
  return Math.max(title.length, ...rows.map(row => cell(row).length))
}

function padded(text: string, { align, width }: { align: 'left' | 'right'; width: number }): string {
  return align === 'right' ? text.padStart(width) : text.padEnd(width)
}

export type Paint = (style: 'bold' | 'dim' | 'green' | 'red', text: string) => string

/** Colours on a terminal whose owner has not declined them (no-color.org). */
export function paintFor(isTerminal: boolean, env: Record<string, string | undefined>): Paint {
  const wanted = isTerminal && !env.NO_COLOR
  return (style, text) => (wanted ? styleText(style, text, { validateStream: false }) : text)
}
