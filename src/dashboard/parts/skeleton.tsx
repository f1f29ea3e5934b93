/** Where something is about to be. */
export function Skeleton({ rows = 6 }: { rows?: number }) {
  return (
    <div class="skeletons" role="status">
      <span class="unseen">Loading</span>
      {Array.from({ length: rows }, (_, at) => (
        <span class="skeleton" key={at} />
      ))}
    </div>
  )
}

/** A card that is about to be. */
export function SkeletonCard({ rows = 6 }: { rows?: number }) {
  return (
    <div class="card">
      <Skeleton rows={rows} />
    </div>
  )
}
