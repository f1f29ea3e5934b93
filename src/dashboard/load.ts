import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { addressOf, ask, Refused } from './api.ts'

/** What a page asks for, and what has become of it. What was there stays until something newer is. */
export interface Loaded<T> {
  data: T | undefined
  failure: Refused | undefined
  isLoading: boolean
  reload(): void
}

/**
 * @param path undefined: nothing is asked yet
 * @param everyMs again and again, while somebody looks
 */
export function useLoaded<T>(path: string | undefined, everyMs?: number): Loaded<T> {
  const [state, setState] = useState<{ path?: string; data?: T; failure?: Refused }>({})
  const [isLoading, setLoading] = useState(path !== undefined)
  const [round, setRound] = useState(0)
  const reload = useCallback(() => setRound(before => before + 1), [])

  // Another round asks the same again.
  useEffect(() => {
    if (path === undefined) return
    const abort = new AbortController()
    setLoading(true)
    ask<T>(path, abort.signal)
      .then(data => setState({ path, data }))
      .catch(error => {
        if (abort.signal.aborted) return
        setState(before => ({ ...(before.path === path && before), path, failure: refusalOf(error) }))
      })
      .finally(() => {
        if (!abort.signal.aborted) setLoading(false)
      })
    return () => abort.abort()
  }, [path, round])

  useEffect(() => {
    if (everyMs === undefined || path === undefined) return
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') reload()
    }, everyMs)
    return () => clearInterval(timer)
  }, [path, everyMs, reload])

  const isOfPath = state.path === path
  return {
    data: isOfPath ? state.data : undefined,
    failure: isOfPath ? state.failure : undefined,
    isLoading,
    reload
  }
}

export interface Page<T> {
  data: T[]
  next_cursor: string | null
}

export interface Pages<T> {
  rows: T[]
  /** Nothing has been answered yet. */
  isFirst: boolean
  isLoading: boolean
  failure: Refused | undefined
  hasMore: boolean
  more(): void
  reload(): void
}

const EMPTY_PAGES_IN_A_ROW = 5

/** A list, page after page. A page that a filter leaves nothing of is followed by the next one at once, a few times. */
export function usePages<T>(path: string): Pages<T> {
  const [state, setState] = useState<{ path: string; rows: T[]; next: string | null; failure?: Refused }>()
  const [wanted, setWanted] = useState(0)
  const [isLoading, setLoading] = useState(true)
  const abort = useRef<AbortController>()
  const latest = useRef(state)
  latest.current = state

  const load = useCallback(
    async (from: string | null) => {
      abort.current?.abort()
      const own = new AbortController()
      abort.current = own
      setLoading(true)
      const before = from === null ? [] : (latest.current?.rows ?? [])
      try {
        let rows: T[] = before
        let next: string | null = from
        for (let turn = 0; turn < EMPTY_PAGES_IN_A_ROW && rows.length === before.length; turn += 1) {
          const page = await ask<Page<T>>(addressOf(path, { cursor: next ?? undefined }), own.signal)
          rows = [...rows, ...page.data]
          next = page.next_cursor
          if (next === null) break
        }
        setState({ path, rows, next })
      } catch (error) {
        if (own.signal.aborted) return
        setState({ path, rows: before, next: from, failure: refusalOf(error) })
      }
      if (!own.signal.aborted) setLoading(false)
    },
    [path]
  )

  // Another round begins anew.
  useEffect(() => {
    void load(null)
    return () => abort.current?.abort()
  }, [load, wanted])

  const current = state?.path === path ? state : undefined
  return {
    rows: current?.rows ?? [],
    isFirst: current === undefined,
    isLoading,
    failure: current?.failure,
    hasMore: current !== undefined && current.next !== null,
    more: () => {
      if (!isLoading && current !== undefined && current.next !== null) void load(current.next)
    },
    reload: () => setWanted(before => before + 1)
  }
}

export function refusalOf(error: unknown): Refused {
  if (error instanceof Refused) return error
  return new Refused(
    0,
    'The relay’s answer could not be read. Load the page again; it may be of another version.'
  )
}
