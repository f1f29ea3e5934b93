import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Menu } from './menu.tsx'
import { Icon } from './parts/icon.tsx'
import { Notice } from './parts/notice.tsx'
import { pathname } from './router.ts'
import { SearchField } from './search-field.tsx'
import { goBy, Shortcuts } from './shortcuts.tsx'

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
        <Menu isOpen={isOpen} help={() => setHelping(true)} />
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
      <Notice />
      {isHelping && <Shortcuts close={() => setHelping(false)} />}
    </>
  )
}
