import { useState } from 'preact/hooks'
import type { NewPause, PauseReport } from '../../operate/schemas/pauses.ts'
import { act, may } from '../api.ts'
import { askAt, pageOf } from '../links.ts'
import { say } from '../notices.ts'
import { Action } from '../parts/action.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { Mark } from '../parts/mark.tsx'
import { Time } from '../parts/time.tsx'
import { paused, sentence } from '../words.ts'

function nameOf(pause: PauseReport): { name: string; page?: string } {
  const { connection, workspace, customer_key } = pause
  if (connection !== null) return { name: `Connection ${connection}`, page: pageOf.connection(connection) }
  if (workspace !== null && customer_key !== null) {
    return { name: `Customer ${customer_key}`, page: pageOf.customer({ workspace, customer_key }) }
  }
  return { name: `Workspace ${workspace}` }
}

/** What rests on purpose, and how it goes on. */
export function PauseList({ pauses, reload }: { pauses: PauseReport[]; reload(): void }) {
  return (
    <ul>
      {pauses.map(pause => {
        const { name, page } = nameOf(pause)
        return (
          <li class="job" key={pause.id}>
            <div class="row">
              <Mark says={paused} />
              <strong>{page === undefined ? name : <a href={page}>{name}</a>}</strong>
              <span class="quiet">
                by {pause.by}, <Time at={pause.since} as="age" />
              </span>
              <Resume pause={pause} reload={reload} />
            </div>
            {pause.reason !== null && <p>{sentence(pause.reason)}</p>}
          </li>
        )
      })}
    </ul>
  )
}

export function Resume({ pause, reload }: { pause: PauseReport; reload(): void }) {
  return (
    <Action
      label="Resume"
      run={async () => {
        await act('DELETE', askAt.pause(pause.id))
        say(`${nameOf(pause).name} goes on.`)
        reload()
      }}
    />
  )
}

interface PauseButtonProps {
  what: Omit<NewPause, 'reason'>
  name: string
  effect: string
  reload(): void
}

export function PauseButton({ what, name, effect, reload }: PauseButtonProps) {
  const [isAsking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  if (!may('operate')) return null
  return (
    <>
      <button type="button" class="button" onClick={() => setAsking(true)}>
        Pause
      </button>
      {isAsking && (
        <Confirm
          title={`Pause ${name}?`}
          verb="Pause"
          close={() => setAsking(false)}
          run={async () => {
            await act('POST', '/pauses', { ...what, ...(reason.trim() !== '' && { reason: reason.trim() }) })
            say(sentence(`${name} is paused`))
            reload()
          }}
        >
          <p>{effect}</p>
          <label class="field">
            <span>Why, for colleagues</span>
            <input
              type="text"
              value={reason}
              maxLength={500}
              onInput={event => setReason(event.currentTarget.value)}
            />
            <small>Every operator reads it: no guest’s name or number.</small>
          </label>
        </Confirm>
      )}
    </>
  )
}
