import type { WorkspaceReport } from '../../operate/schemas/customers.ts'
import { some, spell } from '../ages.ts'
import { Mark } from '../parts/mark.tsx'
import { Time } from '../parts/time.tsx'
import { HOW_TO_MEND, paused, sayingOf, sentence, workspaceStates } from '../words.ts'
import { PauseButton, Resume } from './pauses.tsx'

/** Seam workspaces: whether calls go through, and whether somebody has paused them. */
export function WorkspaceList({ all, reload }: { all: WorkspaceReport[]; reload(): void }) {
  return (
    <ul>
      {all.map(each => (
        <li class="job" key={each.id}>
          <div class="row">
            <Mark says={each.paused === null ? sayingOf(workspaceStates, each.state) : paused} />
            <strong>{each.id}</strong>
            {!each.known && <span class="quiet">no longer in the settings</span>}
            <span class="quiet">
              {each.due === 0
                ? 'nobody due'
                : `${some(each.due, 'customer')} due, the oldest for ${spell(each.due_for_seconds)}`}
            </span>
            {each.paused === null ? (
              <PauseButton
                what={{ of: 'workspace', workspace: each.id }}
                name={`workspace ${each.id}`}
                effect="What Seam should hold is still worked out, and nothing is sent to this workspace until somebody resumes it."
                reload={reload}
              />
            ) : (
              <Resume pause={each.paused} reload={reload} />
            )}
          </div>
          {each.reason !== null && <p>{sentence(each.reason)}</p>}
          {each.until !== null && (
            <p class="quiet small">
              It is tried again <Time at={each.until} />
              {each.state === 'stopped' && `. ${HOW_TO_MEND}`}
            </p>
          )}
        </li>
      ))}
    </ul>
  )
}
