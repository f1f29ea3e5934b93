import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { changed, type Filter, filterIn, fromLocal, searchOf, toLocal } from '../filters.ts'
import { filterBy, search } from '../router.ts'

/** Filters of a page, which stand in its address. */
export function useFilter(names: readonly string[]): Filter {
  return filterIn(search.value, names)
}

interface FiltersProps {
  filter: Filter
  label: string
  children: ComponentChildren
  extra?: ComponentChildren
  /** On a phone too. */
  isOpen?: boolean
}

export function Filters({ filter, label, children, extra, isOpen: isAlwaysOpen = false }: FiltersProps) {
  const many = Object.keys(filter).length
  const isFiltered = many > 0
  // On a phone the list comes first; where there is room the filters are always there.
  const [isOpen] = useState(() => isAlwaysOpen || matchMedia('(min-width: 45.01rem)').matches)
  return (
    <search aria-label={label}>
      <details class="filter-box" open={isOpen}>
        <summary>{isFiltered ? `Filters: ${many}` : 'Filters'}</summary>
        <form class="filters" onSubmit={event => event.preventDefault()}>
          {children}
          {(isFiltered || extra !== undefined) && (
            <div class="ends">
              {isFiltered && (
                <button type="button" class="button" onClick={() => filterBy('')}>
                  Clear
                </button>
              )}
              {extra}
            </div>
          )}
        </form>
      </details>
    </search>
  )
}

interface FieldProps {
  filter: Filter
  name: string
  label: string
}

const set = (filter: Filter, name: string, value: string) => filterBy(searchOf(changed(filter, name, value)))

/** Takes effect shortly after the last letter. */
const PAUSE_MS = 350

export function TextFilter({ filter, name, label, options }: FieldProps & { options?: string[] }) {
  const given = filter[name] ?? ''
  const [typed, setTyped] = useState(given)
  useEffect(() => setTyped(given), [given])
  useEffect(() => {
    if (typed.trim() === given) return
    const timer = setTimeout(
      () => set(filterIn(search.peek(), [...Object.keys(filter), name]), name, typed.trim()),
      PAUSE_MS
    )
    return () => clearTimeout(timer)
  }, [typed, given, name, filter])
  const listId = options === undefined ? undefined : `known-${name}`
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="text"
        value={typed}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        list={listId}
        onInput={event => setTyped(event.currentTarget.value)}
      />
      {options !== undefined && (
        <datalist id={listId}>
          {options.map(each => (
            <option key={each} value={each} />
          ))}
        </datalist>
      )}
    </label>
  )
}

export function ChoiceFilter({
  filter,
  name,
  label,
  options,
  all = 'All'
}: FieldProps & { options: [value: string, word: string][]; all?: string }) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={filter[name] ?? ''} onChange={event => set(filter, name, event.currentTarget.value)}>
        <option value="">{all}</option>
        {options.map(([value, word]) => (
          <option key={value} value={value}>
            {word}
          </option>
        ))}
      </select>
    </label>
  )
}

export function TimeFilter({ filter, name, label }: FieldProps) {
  return (
    <label class="field time">
      <span>{label}</span>
      <input
        type="datetime-local"
        value={toLocal(filter[name])}
        onChange={event => set(filter, name, fromLocal(event.currentTarget.value))}
      />
    </label>
  )
}
