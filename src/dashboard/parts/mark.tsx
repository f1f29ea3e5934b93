import type { Saying } from '../words.ts'
import { Icon } from './icon.tsx'

/** A state, with its sign and its word. */
export function Mark({ says: { word, tone, sign } }: { says: Saying }) {
  return (
    <span class={`mark ${tone}`}>
      <Icon name={sign} />
      {word}
    </span>
  )
}
