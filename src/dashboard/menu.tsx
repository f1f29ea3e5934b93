import { session, signOut } from './api.ts'
import { type MenuPage, pageOf, partsOf } from './links.ts'
import { BrandSign } from './parts/brand.tsx'
import { pathname } from './router.ts'
import { choose, type Theme, theme } from './theme.ts'

const groups: { title: string; pages: [words: string, name: MenuPage][] }[] = [
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

/** Beside every page: where one can go, the colours, and who is signed in. */
export function Menu({ isOpen, help }: { isOpen: boolean; help(): void }) {
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
              {pages.map(([words, name]) => (
                <li key={name}>
                  <a href={pageOf.menu(name)} aria-current={isHere(name) ? 'page' : undefined}>
                    {words}
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

function isHere(name: MenuPage): boolean {
  const parts = partsOf(pathname.value)
  return parts !== undefined && (parts[0] ?? '') === name
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
