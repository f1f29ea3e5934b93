import { type Figures, figuresOf } from './figures.ts'
import type { Stage } from './stage.ts'
import { type Column, type ColumnGroup, type Paint, tableOf } from './table.ts'
import { entriesOf, faultsOf } from './verdict.ts'

/** How one platform's story ended. */
export interface Result extends Figures {
  title: string
  /** What Seam holds at the end. */
  stays: number
  guests: number
  /** Nothing where all is right. */
  faults: string[]
}

export async function resultsOf({ accounts, sandbox, store }: Stage): Promise<Result[]> {
  const calls = await sandbox.calls()
  return Promise.all(
    accounts.map(async account => {
      const { platform, connection, truth } = account
      const held = await sandbox.held(connection.customerKey)
      const figures = await figuresOf(account, store, calls)
      return {
        ...figures,
        title: platform.title,
        stays: entriesOf(held, connection.lists.stay).length,
        guests: entriesOf(held, connection.lists.guest).length,
        faults: [...faultsOf({ platform, connection, truth, held }), ...looseEnds(figures)]
      }
    })
  )
}

/** What a right end at Seam would hide. */
export function looseEnds(figures: Pick<Figures, 'unfinished' | 'failed' | 'repeated'>): string[] {
  const { unfinished, failed, repeated } = figures
  return [
    ...(unfinished > 0 ? [`webhooks without a good end: ${unfinished}`] : []),
    ...(failed > repeated ? [`failed calls that were not made good: ${failed - repeated}`] : [])
  ]
}

/** The table, what its words mean, and the sum. */
export function report(results: Result[], seconds: number, paint: Paint): string[] {
  const { head, body } = tableOf(groupsOf(paint), results)
  const wrong = results.filter(hasFaults)
  const sum = (count: (result: Result) => number) =>
    results.reduce((total, result) => total + count(result), 0)
  const sent = sum(result => result.sent)
  const calls = sum(result => result.pushes + result.deletes)
  const verdict = `${results.length - wrong.length} of ${results.length} right`
  return [
    ...head.map(line => paint('dim', line)),
    ...body,
    '',
    ...wrong.flatMap(({ title, faults }) => faults.map(fault => `${title}: ${fault}`)),
    ...(wrong.length > 0 ? [''] : []),
    'doubled     sent again byte for byte; stored once where the platform gives its webhooks ids',
    'superseded  changes of a stay that were stale, or replaced by newer ones before any call was made',
    `failed      429, 500 or a dropped connection; ${sum(result => result.repeated)} of ${sum(result => result.failed)} were repeated and went through`,
    'right       Seam holds Grace’s stay to the second, with access to her room, and nothing of Ada',
    '',
    `${paint(wrong.length === 0 ? 'green' : 'red', verdict)}: ${sent} webhooks and ${calls} calls to Seam in ${seconds.toFixed(1)} s`,
    ''
  ]
}

export function hasFaults({ faults }: Result): boolean {
  return faults.length > 0
}

function groupsOf(paint: Paint): ColumnGroup<Result>[] {
  return [
    { title: '', columns: [{ title: 'platform', align: 'left', cell: result => result.title }] },
    { title: 'webhooks', columns: [number('sent'), number('doubled'), number('stored')] },
    { title: 'changes', columns: [number('superseded')] },
    { title: 'calls to Seam', columns: [number('pushes'), number('deletes'), number('failed')] },
    { title: 'Seam holds', columns: [number('stays'), number('guests')] },
    {
      title: '',
      columns: [
        {
          title: 'verdict',
          align: 'left',
          cell: result => (hasFaults(result) ? '✗ wrong' : '✓ right'),
          paint: (text, result) => paint(hasFaults(result) ? 'red' : 'green', text)
        }
      ]
    }
  ]
}

function number(title: keyof Omit<Result, 'title' | 'faults'>): Column<Result> {
  return { title, align: 'right', cell: result => String(result[title]) }
}
