import type { CustomerReport, WorkspaceReport } from '../../operate/schemas/customers.ts'
import { useLoaded } from '../load.ts'
import { HOW_TO_MEND, sentence } from '../words.ts'
import { Icon } from './icon.tsx'
import { Time } from './time.tsx'

/** Why nothing of a customer goes out, where it is not about what is to be sent: somebody paused it, or its workspace is stopped or waits. */
export function Unsent({ customer: { paused, workspace } }: { customer: CustomerReport }) {
  const { data } = useLoaded<{ data: WorkspaceReport[] }>(paused === null ? '/workspaces' : undefined)
  const held = data?.data.find(each => each.id === workspace && each.state !== 'works')
  if (paused !== null) {
    return (
      <div class="notice warn">
        <Icon name="pause" />
        <div>
          <strong>
            {paused.of === 'workspace' ? `Its workspace ${paused.workspace} was paused` : 'Paused'} by{' '}
            {paused.by} <Time at={paused.since} as="age" />
          </strong>
          {paused.reason !== null && <p>{sentence(paused.reason)}</p>}
        </div>
      </div>
    )
  }
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
