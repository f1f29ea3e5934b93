import { useState } from 'preact/hooks'
import { complain } from '../notices.ts'
import { Icon } from './icon.tsx'

/** Something to be pasted elsewhere: an id for Seam's support, an address for a platform. */
export function Copy({ text, what }: { text: string; what: string }) {
  const [isDone, setDone] = useState(false)
  async function copy() {
    try {
      await navigator.clipboard.writeText(text)
      setDone(true)
      setTimeout(() => setDone(false), 2_000)
    } catch {
      complain('The browser did not let the dashboard copy. Mark the text and copy it by hand.')
    }
  }
  return (
    <span class="copy">
      <code>{text}</code>
      <button
        type="button"
        class="link-button"
        onClick={copy}
        aria-label={`Copy ${what}`}
        title={`Copy ${what}`}
      >
        <Icon name={isDone ? 'check' : 'copy'} />
      </button>
      <span class="unseen" role="status">
        {isDone ? 'Copied' : ''}
      </span>
    </span>
  )
}
