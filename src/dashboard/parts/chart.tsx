import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { clockTime, count } from '../ages.ts'
import { now } from '../clock.ts'
import { type SpanOfTime, withAnything } from '../series.ts'
import { colours } from '../theme.ts'
import { Scroll } from './scroll.tsx'

interface ChartProps {
  title: string
  series: SpanOfTime[]
  /** What is drawn with a full line, and what with a broken one. */
  first: { of: 'received' | 'taken'; name: string; total: number }
  second: { of: 'rejected' | 'failed'; name: string; total: number }
}

/** Two lines over time, and the same as a table for those who do not see them. */
export function Chart({ title, series, first, second }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>()
  const data = dataOf(series, first.of, second.of)
  const latest = useRef(data)
  latest.current = data
  const look = colours.value

  // A canvas does not follow the colours of the page.
  useEffect(() => {
    const { current } = place
    if (current === null) return
    const size = () => ({ width: Math.max(200, current.clientWidth), height: HEIGHT })
    const drawn = new uPlot(optionsOf(current, size()), latest.current, current)
    plot.current = drawn
    const observer = new ResizeObserver(() => drawn.setSize(size()))
    observer.observe(current)
    return () => {
      observer.disconnect()
      drawn.destroy()
      plot.current = undefined
    }
  }, [look])

  useEffect(() => plot.current?.setData(latest.current), [series])

  const rows = withAnything(series)
  return (
    <figure class="card chart">
      <figcaption>
        <h3>{title}</h3>
        <span class="legend">
          <span>
            <i class="first" />
            {count(first.total)} {first.name}
          </span>
          <span>
            <i class="second" />
            {count(second.total)} {second.name}
          </span>
        </span>
      </figcaption>
      <div class="plot" ref={place} aria-hidden="true" />
      <details>
        <summary>The same as a table</summary>
        <Scroll label={`${title}, as a table`}>
          <table class="difference">
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col">{first.name}</th>
                <th scope="col">{second.name}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(each => (
                <tr key={each.at}>
                  <th scope="row">{clockTime(each.at * 1000, now.value)}</th>
                  <td>{count(each[first.of])}</td>
                  <td>{count(each[second.of])}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p class="quiet">
            {rows.length === 0 ? 'Nothing in this time.' : 'Spans in which nothing happened are left out.'}
          </p>
        </Scroll>
      </details>
    </figure>
  )
}

const HEIGHT = 180

function dataOf(
  series: SpanOfTime[],
  first: 'received' | 'taken',
  second: 'rejected' | 'failed'
): uPlot.AlignedData {
  return [series.map(each => each.at), series.map(each => each[first]), series.map(each => each[second])]
}

function optionsOf(place: HTMLElement, size: { width: number; height: number }): uPlot.Options {
  const [accent, bad, ink, line] = ['--accent', '--bad', '--ink-3', '--line'].map(name =>
    colourOf(place, name)
  )
  const font = `12px ${getComputedStyle(place).fontFamily}`
  const axis = {
    stroke: ink ?? '',
    font,
    grid: { stroke: line ?? '', width: 1 },
    ticks: { show: false }
  }
  return {
    ...size,
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    scales: { y: { range: (_plot, _least, most) => [0, Math.max(4, most * 1.1)] } },
    axes: [
      { ...axis, grid: { show: false }, space: 64, values: (_plot, at) => at.map(timeOf(at)) },
      {
        ...axis,
        size: 44,
        space: 36,
        values: (_plot, values) => values.map(each => (Number.isInteger(each) ? count(each) : ''))
      }
    ],
    series: [
      {},
      { stroke: accent ?? '', width: 1.75, fill: transparent(accent ?? ''), points: { show: false } },
      { stroke: bad ?? '', width: 1.75, dash: [5, 3], points: { show: false } }
    ]
  }
}

/** Hours within a day; days where there are several. */
function timeOf(all: number[]): (at: number) => string {
  const isLong = (all.at(-1) ?? 0) - (all[0] ?? 0) > 2 * 86_400
  const format = new Intl.DateTimeFormat(
    'en-GB',
    isLong ? { day: 'numeric', month: 'short' } : { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
  )
  return at => format.format(at * 1000)
}

/** A canvas knows nothing of custom properties, nor of light-dark(). */
function colourOf(place: HTMLElement, property: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${property})`
  place.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

function transparent(colour: string): string {
  return colour.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.09)')
}
