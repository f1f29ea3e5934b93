import { batch, signal } from '@preact/signals'
import { BASE, pageOf } from './links.ts'

/**
 * Where the reader is. Pages link with plain anchors: a press on one of our own goes on without loading everything again,
 * and one with a key held opens as anywhere else.
 */
export const pathname = signal(location.pathname)
export const search = signal(location.search)
/** Counts pages, so that each knows it has just been opened; filters do not count. */
export const visit = signal(0)

function look(): void {
  batch(() => {
    if (pathname.value !== location.pathname) visit.value += 1
    pathname.value = location.pathname
    search.value = location.search
  })
}

export function go(address: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', address)
  else history.pushState(null, '', address)
  const before = visit.value
  look()
  if (visit.value !== before) scrollTo(0, 0)
  if (location.hash !== '') document.getElementById(location.hash.slice(1))?.scrollIntoView()
}

/** Filters take the place of those before them: going back leaves the list. */
export function filterBy(searchText: string): void {
  go(`${location.pathname}${searchText}`, { replace: true })
}

/** @returns what undoes it */
export function followLinks(): () => void {
  const onClick = (event: MouseEvent) => {
    const anchor = event.target instanceof Element ? event.target.closest('a') : null
    if (anchor === null || event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || anchor.target !== '') return
    const { origin, pathname: path, search: text, hash } = anchor
    const isOurs = origin === location.origin && (path === BASE || path.startsWith(`${BASE}/`))
    if (!isOurs || anchor.hasAttribute('download')) return
    // Within the page the browser knows the way.
    if (hash !== '' && path === location.pathname && text === location.search) return
    event.preventDefault()
    go(`${path}${text}${hash}`)
  }
  addEventListener('popstate', look)
  document.addEventListener('click', onClick)
  return () => {
    removeEventListener('popstate', look)
    document.removeEventListener('click', onClick)
  }
}

export function signInPage(): string {
  const here = `${location.pathname}${location.search}`
  const to = here === pageOf.overview() || here.startsWith(`${BASE}/sign-in`) ? '' : here
  return `${BASE}/sign-in${to === '' ? '' : `?${new URLSearchParams({ to })}`}`
}
