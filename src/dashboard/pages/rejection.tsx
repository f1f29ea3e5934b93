import { useState } from 'preact/hooks'
import type { WholeRejection } from '../../operate/schemas/rejected.ts'
import { addressOf } from '../api.ts'
import { askAt, isConnection, pageOf } from '../links.ts'
import { useLoaded } from '../load.ts'
import { Icon } from '../parts/icon.tsx'
import { Page } from '../parts/page.tsx'
import { Request } from '../parts/request.tsx'
import { Reveal } from '../parts/reveal.tsx'
import { Time } from '../parts/time.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { causeInWords, remedyOf, sentence } from '../words.ts'
import { Retake } from './retake.tsx'

export function Rejection({ id }: { id: string }) {
  const [isRevealed, setRevealed] = useState(false)
  const loaded = useLoaded<WholeRejection>(addressOf(askAt.rejected(id), { reveal: isRevealed }))
  const { data, reload } = loaded
  return (
    <Page
      title="Rejected request"
      crumbs={[
        { name: 'Rejected requests', page: pageOf.list('rejected') },
        ...(data === undefined ? [] : [crumbOf(data.connection)])
      ]}
      actions={
        <>
          <Reveal isRevealed={isRevealed} set={setRevealed} />
          {data !== undefined && isConnection(data.connection) && (
            <Retake connection={data.connection} reload={reload} />
          )}
        </>
      }
    >
      <div class="stack">
        <Waiting of={loaded} />
        {data !== undefined && (
          <>
            <div class="notice bad">
              <Icon name="cross" />
              <div>
                <strong>{sentence(causeInWords(data.cause))}</strong>
                <p>{remedyOf(data.cause)}</p>
                <p class="quiet small">
                  Received <Time at={data.received_at} />
                  {data.remote_address !== null && (
                    <>
                      {' '}
                      from <code>{data.remote_address}</code>
                    </>
                  )}
                </p>
              </div>
            </div>
            <section class="card">
              <h2>The request</h2>
              <div class="inside">
                <Request request={data} cause={data.cause} />
              </div>
            </section>
          </>
        )}
      </div>
    </Page>
  )
}

function crumbOf(connection: string) {
  return isConnection(connection)
    ? { name: connection, page: pageOf.connection(connection) }
    : { name: connection }
}
