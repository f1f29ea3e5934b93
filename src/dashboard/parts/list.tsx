import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { some } from '../ages.ts'
import type { Pages } from '../load.ts'
import { Failure } from './failure.tsx'
import { Skeleton } from './skeleton.tsx'

export interface Column<T> {
  head: string
  cell(row: T): ComponentChildren
  /** number: to the right. narrow: no wider than it must be. beside: on a phone beside the next one. */
  is?: string
  /** On a phone the column's head stands before it. */
  isLabelled?: boolean
}

interface TableProps<T> {
  caption: string
  columns: Column<T>[]
  rows: T[]
  keyOf(row: T): string
}

export function Table<T>({ caption, columns, rows, keyOf }: TableProps<T>) {
  return (
    <table class="list">
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ head, is = '' }) => (
            <th key={head} scope="col" class={is}>
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <tr key={keyOf(row)}>
            {columns.map(({ head, cell, is = '', isLabelled = false }) => (
              <td key={head} class={is} data-label={isLabelled ? head : undefined}>
                {cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

interface ListProps<T> extends Omit<TableProps<T>, 'rows'> {
  pages: Pages<T>
  /** What one of them is called. */
  one: string
  many?: string
  /** What is said where there are none. */
  none: ComponentChildren
}

/** A list that goes on while one scrolls, or with a button. */
export function List<T>({ pages, one, many = `${one}s`, none, ...table }: ListProps<T>) {
  const { rows, isFirst, isLoading, failure, hasMore, more, reload } = pages
  const end = useRef<HTMLDivElement>(null)
  const goOn = useRef(more)
  goOn.current = more

  // Once more after each page, as its end may still be in sight.
  useEffect(() => {
    const place = end.current
    if (place === null || !hasMore || failure !== undefined) return
    const observer = new IntersectionObserver(
      entries => {
        if (entries.some(each => each.isIntersecting)) goOn.current()
      },
      { rootMargin: '400px' }
    )
    observer.observe(place)
    return () => observer.disconnect()
  }, [hasMore, failure, rows.length])

  const isEmpty = rows.length === 0 && !hasMore && !isLoading && failure === undefined
  return (
    <div class="card" aria-busy={isLoading}>
      {isFirst && isLoading && <Skeleton rows={8} />}
      {rows.length > 0 && <Table rows={rows} {...table} />}
      {isEmpty && <div class="empty">{none}</div>}
      {failure !== undefined && (
        <div class="inside">
          <Failure failure={failure} retry={rows.length === 0 ? reload : more} />
        </div>
      )}
      {!isFirst && !isEmpty && (
        <div class="list-foot" ref={end}>
          <span role="status">
            {isLoading
              ? 'Loading more'
              : `${some(rows.length, one, many)}${hasMore ? ' so far' : ', all there are'}`}
          </span>
          {hasMore && (
            <button type="button" class="button light" onClick={more} aria-disabled={isLoading}>
              Load more
            </button>
          )}
        </div>
      )}
    </div>
  )
}
