import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { session, signOut } from './api.ts'
import { goBy, Keys } from './keys.tsx'
import { BASE, pageOf } from './links.ts'
import { hush, said } from './notices.ts'
import { BrandSign } from './parts/brand.tsx'
import { Icon } from './parts/icon.tsx'
import { go, pathname, search } from './router.ts'
import { choose, type Theme, theme } from './theme.ts'

const groups: { title: string; pages: [name: string, path: string][] }[] = [
  {
    title: 'Look',
    pages: [
      ['Overview', ''],
      ['Search', 'search'],
      ['Resources', 'resources'],
      ['Deliveries', 'deliveries'],
      ['Live tail', 'tail']
    ]
  },
  {
    title: 'Trouble',
    pages: [
      ['Dead letters', 'dead-letters'],
      ['Rejected requests', 'rejected'],
      ['Calls to Seam', 'calls']
    ]
  },
  {
    title: 'Who',
    pages: [
      ['Connections', 'connections'],
      ['Customers', 'customers']
    ]
  },
  {
    title: 'Work',
    pages: [
      ['Replay', 'replay'],
      ['Jobs', 'jobs'],
      ['Audit log', 'audit']
    ]
  }
]

/** What stands around every page. */
export function Shell({ children }: { children: ComponentChildren }) {
  const [isOpen, setOpen] = useState(false)
  const [isHelping, setHelping] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const menu = useRef<HTMLButtonElement>(null)

  useEffect(
    () =>
      goBy({
        search: () => field.current?.select(),
        help: () => setHelping(true),
        leave: () => {
          if (document.getElementById('side')?.contains(document.activeElement)) menu.current?.focus()
          setOpen(false)
        }
      }),
    []
  )
  // Where it covers the page, the keyboard goes there too.
  useEffect(() => {
    if (isOpen) document.querySelector<HTMLElement>('#side nav a')?.focus()
  }, [isOpen])
  // Whoever has gone somewhere is done with the menu.
  useEffect(() => setOpen(false), [pathname.value])

  return (
    <>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <div class="shell">
        <Side isOpen={isOpen} help={() => setHelping(true)} />
        {isOpen && (
          <button type="button" class="veil" aria-label="Close the menu" onClick={() => setOpen(false)} />
        )}
        <div>
          <header class="top">
            <button
              ref={menu}
              type="button"
              class="menu-button"
              aria-expanded={isOpen}
              aria-controls="side"
              aria-label="Menu"
              onClick={() => setOpen(!isOpen)}
            >
              <Icon name={isOpen ? 'cross' : 'menu'} />
            </button>
            <SearchField field={field} />
          </header>
          <main class="page" id="main" tabIndex={-1}>
            {children}
          </main>
        </div>
      </div>
      <Notices />
      {isHelping && <Keys close={() => setHelping(false)} />}
    </>
  )
}

function SearchField({ field }: { field: { current: HTMLInputElement | null } }) {
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

function Side({ isOpen, help }: { isOpen: boolean; help(): void }) {
  return (
    <aside class={`side ${isOpen ? 'open' : ''}`} id="side" aria-label="Menu">
      <a class="brand" href={pageOf.overview()}>
        <BrandSign />
        Seam Relay
      </a>
      <nav aria-label="Pages">
        {groups.map(({ title, pages }) => (
          <section key={title}>
            <h2 id={`nav-${title}`}>{title}</h2>
            <ul aria-labelledby={`nav-${title}`}>
              {pages.map(([name, path]) => (
                <li key={path}>
                  <a href={`${BASE}/${path}`} aria-current={isHere(path) ? 'page' : undefined}>
                    {name}
                  </a>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </nav>
      <div class="side-foot">
        <ThemeChoice />
        <p class="keys">
          <kbd>/</kbd> search · <kbd>j</kbd> <kbd>k</kbd> move ·{' '}
          <button type="button" class="link-button" onClick={help}>
            all keys
          </button>
        </p>
        <p class="who">
          <span title={session.value?.name}>{session.value?.name}</span>
          <button type="button" class="link-button" onClick={() => void signOut().catch(() => {})}>
            Sign out
          </button>
        </p>
      </div>
    </aside>
  )
}

function isHere(path: string): boolean {
  const here = pathname.value.slice(BASE.length + 1)
  return path === '' ? here === '' : here === path || here.startsWith(`${path}/`)
}

const themes: [Theme, string][] = [
  ['system', 'Auto'],
  ['light', 'Light'],
  ['dark', 'Dark']
]

function ThemeChoice() {
  return (
    <fieldset class="choice" aria-label="Colours">
      {themes.map(([value, word]) => (
        <label key={value}>
          <input type="radio" name="theme" checked={theme.value === value} onChange={() => choose(value)} />
          <span>{word}</span>
        </label>
      ))}
    </fieldset>
  )
}

function Notices() {
  const { value } = said
  return (
    <div class="said" role="status" aria-live="polite">
      {value !== undefined && (
        <div class={`notice ${value.tone}`}>
          <Icon name={value.tone === 'ok' ? 'check' : 'alert'} />
          <div>
            <p>{value.text}</p>
            <div class="row">
              {value.page !== undefined && <a href={value.page}>Look at it</a>}
              <button type="button" class="link-button" onClick={hush}>
                Put away
              </button>
            </div>
          </div>
        </div>
      )}
    </div>
  )
}
