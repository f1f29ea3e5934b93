import { searchOf, type Values } from './filters.ts'

/** Addresses of our own pages, and of what they ask. Whatever comes from data is encoded here, filters by `filters.ts`, and nowhere else. */

export const BASE = '/dashboard'

const join = (...parts: string[]) => parts.map(encodeURIComponent).join('/')

export interface ResourceName {
  workspace: string
  customer_key: string
  kind: string
  key: string
}

export interface CustomerName {
  workspace: string
  customer_key: string
}

/** Pages that a filter in their address narrows. */
export type ListPage =
  | 'calls'
  | 'connections'
  | 'customers'
  | 'dead-letters'
  | 'deliveries'
  | 'jobs'
  | 'rejected'
  | 'replay'
  | 'resources'

/** Pages that stand in the menu; the first one has no name. */
export type MenuPage = ListPage | '' | 'audit' | 'search' | 'tail'

export const pageOf = {
  menu: (name: MenuPage) => `${BASE}/${name}`,
  overview: (section: '' | '#stuck' | '#paused' = '') => `${BASE}/${section}`,
  list: (name: ListPage, filter: Values = {}) => `${BASE}/${name}${searchOf(filter)}`,
  search: (q: string) => `${BASE}/search?${new URLSearchParams({ q })}`,
  resource: ({ workspace, customer_key, kind, key }: ResourceName) =>
    `${BASE}/resources/${join(workspace, customer_key, kind, key)}`,
  customer: ({ workspace, customer_key }: CustomerName) =>
    `${BASE}/customers/${join(workspace, customer_key)}`,
  delivery: (id: string) => `${BASE}/deliveries/${join(id)}`,
  connection: (id: string) => `${BASE}/connections/${join(id)}`,
  rejected: (id: string) => `${BASE}/rejected/${join(id)}`,
  call: (id: string) => `${BASE}/calls/${join(id)}`,
  job: (id: string) => `${BASE}/jobs/${join(id)}`
}

export const askAt = {
  resource: ({ workspace, customer_key, kind, key }: ResourceName) =>
    `/resources/${join(workspace, customer_key, kind, key)}`,
  customer: ({ workspace, customer_key }: CustomerName) => `/customers/${join(workspace, customer_key)}`,
  delivery: (id: string) => `/deliveries/${join(id)}`,
  connection: (id: string) => `/connections/${join(id)}`,
  rejected: (id: string) => `/rejected/${join(id)}`,
  attempt: (id: string) => `/attempts/${join(id)}`,
  job: (id: string) => `/jobs/${join(id)}`,
  pause: (id: string) => `/pauses/${join(id)}`
}

/** Whether it has a page: what services push is of `@callers`, and what came to an address of none is of `(unknown)`. */
export function isConnection(name: string): boolean {
  return !/^[@(]/.test(name)
}

/** The parts of an address below {@link BASE}, decoded; undefined where it cannot be read. */
export function partsOf(pathname: string): string[] | undefined {
  if (pathname !== BASE && !pathname.startsWith(`${BASE}/`)) return undefined
  try {
    return pathname.slice(BASE.length).split('/').filter(Boolean).map(decodeURIComponent)
  } catch {
    return undefined
  }
}

/** Where to go after the sign-in: a page of ours, or the first one. Nobody is sent elsewhere by a prepared link. */
export function ownPage(address: string | null | undefined): string {
  if (!address?.startsWith(`${BASE}/`) || /[\\\s]/.test(address)) return pageOf.overview()
  return address.startsWith(`${BASE}/sign-in`) ? pageOf.overview() : address
}
