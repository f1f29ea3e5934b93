import { pageOf } from '../links.ts'
import { Page } from '../parts/page.tsx'

export function Missing() {
  return (
    <Page
      title="There is no such page"
      lead="The address may have been cut off, or belong to another version."
    >
      <p>
        <a href={pageOf.overview()}>Go to the overview</a>
      </p>
    </Page>
  )
}
