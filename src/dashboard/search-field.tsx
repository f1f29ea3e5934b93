import { useEffect, useState } from 'preact/hooks'
import { BASE, pageOf } from './links.ts'
import { Icon } from './parts/icon.tsx'
import { go, pathname, search } from './router.ts'

/** Above every page; what is searched for stands in the address. */
export function SearchField({ field }: { field: { current: HTMLInputElement | null } }) {
  const isSearching = pathname.value === `${BASE}/search`
  const q = isSearching ? (new URLSearchParams(search.value).get('q') ?? '') : ''
  const [typed, setTyped] = useState(q)
  useEffect(() => setTyped(q), [q, isSearching])
  return (
    <search class="finder" aria-label="Everything">
      <form
        onSubmit={event => {
          event.preventDefault()
          if (typed.trim() !== '') go(pageOf.search(typed.trim()), { replace: isSearching })
        }}
      >
        <Icon name="search" />
        <input
          ref={field}
          type="search"
          value={typed}
          maxLength={200}
          placeholder="Guest, booking, listing or key"
          aria-label="Search for a guest, a booking, a listing or a key"
          aria-keyshortcuts="/"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="search"
          onInput={event => setTyped(event.currentTarget.value)}
          onKeyDown={event => {
            if (event.key === 'Escape') event.currentTarget.blur()
          }}
        />
      </form>
    </search>
  )
}
