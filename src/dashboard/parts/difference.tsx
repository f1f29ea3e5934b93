import { differences } from '../differences.ts'
import { Scroll } from './scroll.tsx'

interface DifferenceProps {
  before: unknown
  after: unknown
  was: string
  is: string
  none: string
}

/** What differs, a row each; struck through and underlined words say the same as the colours. */
export function DifferenceTable({ before, after, was, is, none }: DifferenceProps) {
  const all = differences(before, after)
  if (all.length === 0) return <p class="quiet small">{none}</p>
  return (
    <Scroll label="What differs">
      <table class="difference">
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">{was}</th>
            <th scope="col">{is}</th>
          </tr>
        </thead>
        <tbody>
          {all.map(each => (
            <tr key={each.path}>
              <th scope="row" class="mono">
                {each.path}
              </th>
              <td>
                {each.before === undefined ? <span class="quiet">none</span> : <del>{each.before}</del>}
              </td>
              <td>{each.after === undefined ? <span class="quiet">none</span> : <ins>{each.after}</ins>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
