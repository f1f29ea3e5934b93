import { useEffect, useRef } from 'preact/hooks'

interface Goes {
  search(): void
  help(): void
  leave(): void
}

/** Keys that work wherever nothing is being written. @returns what takes them away */
export function goBy({ search, help, leave }: Goes): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape') leave()
    if (event.metaKey || event.ctrlKey || event.altKey || isWriting(event.target)) return
    if (document.querySelector('dialog[open]') !== null) return
    if (event.key === '/') search()
    else if (event.key === '?') help()
    else if (event.key === 'j') move(1)
    else if (event.key === 'k') move(-1)
    else return
    event.preventDefault()
  }
  addEventListener('keydown', onKey)
  return () => removeEventListener('keydown', onKey)
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, select, textarea, [contenteditable]') !== null
}

/** From row to row, by the first link of each. */
function move(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('.list tbody tr, .life > ol > li')]
  const stops = rows.flatMap(row => {
    const stop = row.querySelector<HTMLElement>('a, summary, button')
    return stop === null ? [] : [{ row, stop }]
  })
  const here = stops.findIndex(({ row }) => row.contains(document.activeElement))
  const next = stops[here === -1 ? (by === 1 ? 0 : stops.length - 1) : here + by]
  next?.stop.focus()
  next?.row.scrollIntoView({ block: 'nearest' })
}

const keys: [string, string][] = [
  ['/', 'Search'],
  ['j, k', 'To the next or the previous row'],
  ['Enter', 'Open it'],
  ['Esc', 'Leave the field, close the menu or the question'],
  ['?', 'This list']
]

export function Shortcuts({ close }: { close(): void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="keys-title">
      <div class="stack">
        <h2 id="keys-title">Keys</h2>
        <dl class="key-list">
          {keys.map(([key, does]) => (
            <>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{does}</dd>
            </>
          ))}
        </dl>
        <div class="row dialog-ends">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
      </div>
    </dialog>
  )
}
