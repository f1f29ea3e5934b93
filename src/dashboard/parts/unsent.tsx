import type { CustomerReport, WorkspaceReport } from '../../operate/schemas/customers.ts'
import { useLoaded } from '../load.ts'
import { HOW_TO_MEND, sentence } from '../words.ts'
import { Icon } from './icon.tsx'
import { PausedNotice } from './paused-notice.tsx'
import { Time } from './time.tsx'

/** Why nothing of a customer goes out, where it is not about what is to be sent: somebody paused it, or its workspace is stopped or waits. */
export function Unsent({ customer: { paused, workspace } }: { customer: CustomerReport }) {
  const { data } = useLoaded<{ data: WorkspaceReport[] }>(paused === null ? '/workspaces' : undefined)
  const held = data?.data.find(each => each.id === workspace && each.state !== 'works')
  if (paused !== null) return <PausedNotice pause={paused} />
  if (held === undefined) return null
  const isStopped = held.state === 'stopped'
  return (
    <div class={`notice ${isStopped ? 'bad' : 'warn'}`}>
      <Icon name="alert" />
      <div>
        <strong>
          {isStopped ? `Nothing is sent to workspace ${workspace}` : `Workspace ${workspace} has to wait`}
        </strong>
        <p>
          {held.reason !== null && `${sentence(held.reason)} `}
          {isStopped && HOW_TO_MEND}
        </p>
        {held.until !== null && (
          <p class="quiet small">
            It is tried again <Time at={held.until} />
          </p>
        )}
      </div>
    </div>
  )
}
