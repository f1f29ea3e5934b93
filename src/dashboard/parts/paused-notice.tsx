import type { PauseReport } from '../../operate/schemas/pauses.ts'
import { sentence } from '../words.ts'
import { Icon } from './icon.tsx'
import { Time } from './time.tsx'

/** Who paused a connection or a customer, or the workspace of one, and why. */
export function PausedNotice({ pause }: { pause: PauseReport }) {
  return (
    <div class="notice warn">
      <Icon name="pause" />
      <div>
        <strong>
          {pause.of === 'workspace' ? `Its workspace ${pause.workspace} was paused` : 'Paused'} by {pause.by}{' '}
          <Time at={pause.since} as="age" />
        </strong>
        {pause.reason !== null && <p>{sentence(pause.reason)}</p>}
      </div>
    </div>
  )
}
