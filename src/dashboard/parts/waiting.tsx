import type { Loaded } from '../load.ts'
import { Failure } from './failure.tsx'
import { SkeletonCard } from './skeleton.tsx'

interface WaitingProps {
  /** As it is loaded. */
  of: Loaded<unknown>
  rows?: number
}

/** In the place of what a page is about: why it cannot be shown, or that it is about to be. */
export function Waiting({ of: { data, failure, isLoading, reload }, rows }: WaitingProps) {
  return (
    <>
      {failure !== undefined && <Failure failure={failure} retry={reload} />}
      {data === undefined && isLoading && <SkeletonCard {...(rows !== undefined && { rows })} />}
    </>
  )
}
