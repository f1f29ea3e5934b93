import type { WholeCall } from '../../operate/schemas/attempts.ts'
import { lasted } from '../ages.ts'
import { askAt, pageOf } from '../links.ts'
import { useLoaded } from '../load.ts'
import { Copy } from '../parts/copy.tsx'
import { Table } from '../parts/list.tsx'
import { Mark } from '../parts/mark.tsx'
import { Page } from '../parts/page.tsx'
import { Time } from '../parts/time.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { kindInWords, sentence, statusSaying } from '../words.ts'

export function Call({ id }: { id: string }) {
  const loaded = useLoaded<WholeCall>(askAt.attempt(id))
  const { data } = loaded
  return (
    <Page
      title={data?.operation ?? 'Call to Seam'}
      crumbs={[
        { name: 'Calls to Seam', page: pageOf.list('calls') },
        ...(data === undefined ? [] : [{ name: data.customer_key, page: pageOf.customer(data) }])
      ]}
    >
      <div class="stack">
        <Waiting of={loaded} />
        {data !== undefined && (
          <>
            <section class="card" aria-label="The call">
              <dl class="facts inside">
                <dt>Answer</dt>
                <dd>
                  <Mark says={statusSaying(data.status, data.error)} />
                  {data.error !== null && <> {sentence(data.error)}</>}
                </dd>
                <dt>When</dt>
                <dd>
                  <Time at={data.at} />
                  <span class="quiet">, took {lasted(data.duration_ms)}</span>
                </dd>
                {data.seam_request_id !== null && (
                  <>
                    <dt>Seam’s request id</dt>
                    <dd>
                      <Copy text={data.seam_request_id} what="Seam’s request id" />
                      <p class="quiet small">Seam’s support finds the call by it.</p>
                    </dd>
                  </>
                )}
                <dt>Customer</dt>
                <dd>
                  <a href={pageOf.customer(data)}>{data.customer_key}</a>{' '}
                  <span class="quiet">in workspace {data.workspace}</span>
                </dd>
              </dl>
            </section>
            <section class="card">
              <h2>What it carried</h2>
              {data.resources.length === 0 ? (
                <p class="inside quiet">Nothing that is still known.</p>
              ) : (
                <Table
                  caption="What the call carried"
                  rows={data.resources}
                  keyOf={row => `${row.kind} ${row.key}`}
                  columns={[
                    {
                      head: 'Key',
                      is: 'main',
                      cell: row => (
                        <a class="mono" href={pageOf.resource({ ...data, ...row })}>
                          {row.key}
                        </a>
                      )
                    },
                    { head: 'Kind', cell: row => kindInWords(row.kind) },
                    { head: 'Revision', isLabelled: true, is: 'number', cell: row => row.revision }
                  ]}
                />
              )}
            </section>
          </>
        )}
      </div>
    </Page>
  )
}
