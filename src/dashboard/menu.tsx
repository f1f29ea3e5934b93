import { session, signOut } from './api.ts'
import { BASE, pageOf } from './links.ts'
import { BrandSign } from './parts/brand.tsx'
import { pathname } from './router.ts'
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
