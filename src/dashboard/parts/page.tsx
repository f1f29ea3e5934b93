import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { visit } from '../router.ts'

interface PageProps {
  title: string
  lead?: ComponentChildren
  /** Above the title: where this belongs to. */
  crumbs?: { name: string; page?: string }[]
  actions?: ComponentChildren
  children: ComponentChildren
}

/** A page with its heading, which gets the focus when the page was gone to, so that screen readers begin there. */
export function Page({ title, lead, crumbs, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · Seam Relay`
  }, [title])
  useEffect(() => {
    if (visit.peek() > 0) heading.current?.focus({ preventScroll: true })
  }, [])
  return (
    <>
      <div class="page-head">
        <div>
          {crumbs !== undefined && (
            <nav aria-label="Belongs to">
              <ol class="crumbs">
                {crumbs.map(({ name, page }) => (
                  <li key={name}>{page === undefined ? name : <a href={page}>{name}</a>}</li>
                ))}
              </ol>
            </nav>
          )}
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead !== undefined && lead !== false && <p class="lead">{lead}</p>}
        </div>
        {actions !== undefined && <div class="row">{actions}</div>}
      </div>
      {children}
    </>
  )
}
