import { may } from '../api.ts'

interface RevealProps {
  isRevealed: boolean
  set(revealed: boolean): void
}

/** People are masked; whoever may see them says so, and it is written down. */
export function Reveal({ isRevealed, set }: RevealProps) {
  if (!may('admin')) return null
  return (
    <button
      type="button"
      class="button"
      aria-pressed={isRevealed}
      title="Who looked, and at what, is written into the audit log"
      onClick={() => set(!isRevealed)}
    >
      {isRevealed ? 'Mask people again' : 'Reveal people (audited)'}
    </button>
  )
}
