import type { ComponentChildren } from 'preact'

/** What scrolls by itself has a name, and can be reached by those who have no mouse. */
export function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it the keyboard could not scroll it
    <section class="table-wrap" tabIndex={0} aria-label={label}>
      {children}
    </section>
  )
}
