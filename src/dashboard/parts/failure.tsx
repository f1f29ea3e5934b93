import type { Refused } from '../api.ts'
import { Icon } from './icon.tsx'

interface FailureProps {
  failure: Refused
  retry?: () => void
}

/** What went wrong and what to do, in the relay's own words. */
export function Failure({ failure, retry }: FailureProps) {
  // Whoever is not signed in is on the way to the sign-in.
  if (failure.status === 401) return null
  return (
    <div class="notice bad" role="alert">
      <Icon name="alert" />
      <div>
        <strong>{failure.message}</strong>
        {failure.requestId !== undefined && (
          <p class="small quiet">
            In the log under the request <code>{failure.requestId}</code>
          </p>
        )}
        {retry !== undefined && (
          <div class="row">
            <button type="button" class="button" onClick={retry}>
              Try again
            </button>
          </div>
        )}
      </div>
    </div>
  )
}
