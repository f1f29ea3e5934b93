import type { ConnectionDetail } from '../../operate/schemas/connections.ts'
import { may } from '../api.ts'
import { askAt, pageOf } from '../links.ts'
import { useLoaded } from '../load.ts'
import { Page } from '../parts/page.tsx'
import { PausedNotice } from '../parts/paused-notice.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { Arriving, SetUp } from './connection-facts.tsx'
import { PauseButton, Resume } from './pauses.tsx'
import { SendSample } from './send-sample.tsx'

/** One account at a platform: how it does, and what is to be set up there. */
export function Connection({ id }: { id: string }) {
  const loaded = useLoaded<ConnectionDetail>(askAt.connection(id))
  const { data, reload } = loaded
  return (
    <Page
      title={id}
      crumbs={[
        { name: 'Connections', page: pageOf.list('connections') },
        ...(data ? [{ name: data.platform_title }] : [])
      ]}
      actions={
        data !== undefined && (
          <>
            <a class="button" href={pageOf.list('deliveries', { connection: id })}>
              Its deliveries
            </a>
            {data.paused === null ? (
              <PauseButton
                what={{ of: 'connection', connection: id }}
                name={`connection ${id}`}
                effect="What it sends is still verified and stored, and waits until somebody resumes it."
                reload={reload}
              />
            ) : (
              <Resume pause={data.paused} reload={reload} />
            )}
          </>
        )
      }
    >
      <div class="stack">
        <Waiting of={loaded} />
        {data?.paused && <PausedNotice pause={data.paused} />}
        {data !== undefined && (
          <div class="columns">
            <div class="stack">
              <Arriving connection={data} reload={reload} />
              <SetUp connection={data} />
            </div>
            {may('operate') && <SendSample connection={data} />}
          </div>
        )}
      </div>
    </Page>
  )
}
