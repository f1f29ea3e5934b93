import type { NewRevival } from '../../operate/schemas/dead-letters.ts'
import type { JobReport } from '../../operate/schemas/jobs.ts'
import { act } from '../api.ts'
import { pageOf } from '../links.ts'
import { say } from '../notices.ts'
import { Action } from '../parts/action.tsx'

interface ReviveOneProps {
  what: NewRevival
  label: string
  said: string
  reload(): void
}

/** One dead letter gets another try. It takes a moment, so the page is asked again a little later. */
export function ReviveOne({ what, label, said, reload }: ReviveOneProps) {
  return (
    <Action
      label={label}
      is="first"
      run={async () => {
        const job = await act<JobReport>('POST', '/dead-letters/revive', what)
        say(said, pageOf.job(job.id))
        setTimeout(reload, LOOK_AGAIN_MS)
      }}
    />
  )
}

const LOOK_AGAIN_MS = 2_000
