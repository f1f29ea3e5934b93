import { useEffect, useRef, useState } from 'preact/hooks'
import { lasted, some } from '../ages.ts'
import { addressOf, ask } from '../api.ts'
import { isConnection, pageOf } from '../links.ts'
import { ChoiceFilter, Filters, TextFilter, useFilter } from '../parts/filters.tsx'
import { Table } from '../parts/list.tsx'
import { Mark } from '../parts/mark.tsx'
import { Page } from '../parts/page.tsx'
import { Time } from '../parts/time.tsx'
import { fitsTail, type Happening, happeningIn, whats, withNewest } from '../tail.ts'
import { causeInWords, deliveryStates, sayingOf, sentence, statusSaying } from '../words.ts'

/** Many at once are shown together, so that the page can be read. */
const TOGETHER_MS = 250

/** What happens, as it happens. */
export function Tail() {
  const filter = useFilter(['what', 'connection'])
  const [rows, setRows] = useState<Happening[]>([])
  const [isPaused, setPaused] = useState(false)
  const [isOpen, setOpen] = useState(false)
  const [isCut, setCut] = useState(false)
  const paused = useRef(false)
  paused.current = isPaused

  const { connection } = filter
  useEffect(() => {
    setRows([])
    setCut(false)
    const source = new EventSource(addressOf('/api/v1/tail', { connection }))
    let waiting: Happening[] = []
    const timer = setInterval(() => {
      if (waiting.length === 0 || paused.current) return
      const fresh = waiting
      waiting = []
      setRows(before => withNewest(before, fresh))
    }, TOGETHER_MS)
    source.onopen = () => setOpen(true)
    source.onerror = () => {
      setOpen(false)
      // An EventSource does not tell of a 401; any other question does.
      if (source.readyState === EventSource.CLOSED) void ask('/me').catch(() => {})
    }
    source.addEventListener('cut', () => setCut(true))
    for (const what of whats) {
      source.addEventListener(what, event => {
        const happening = happeningIn(what, event.data)
        if (happening !== undefined) waiting = withNewest([], [...waiting, happening]).toReversed()
      })
    }
    return () => {
      source.close()
      clearInterval(timer)
    }
  }, [connection])

  const shown = rows.filter(each => fitsTail(each, filter))
  return (
    <Page
      title="Live tail"
      lead="Webhooks, calls to Seam and rejected requests as they happen."
      actions={
        <>
          <button type="button" class="button" aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>
            {isPaused ? 'Go on' : 'Pause'}
          </button>
          <button type="button" class="button" onClick={() => setRows([])}>
            Clear
          </button>
        </>
      }
    >
      <Filters filter={filter} label="Filter what is shown">
        <ChoiceFilter
          filter={filter}
          name="what"
          label="What"
          options={[
            ['delivery', 'Deliveries'],
            ['attempt', 'Calls to Seam'],
            ['rejected', 'Rejected requests']
          ]}
        />
        <TextFilter filter={filter} name="connection" label="Connection" />
      </Filters>
      <div class="card">
        <p class="list-foot" role="status">
          <span class="row">
            <Mark
              says={
                isPaused
                  ? { word: 'Paused', tone: 'warn', sign: 'pause' }
                  : isOpen
                    ? { word: 'Listening', tone: 'ok', sign: 'check' }
                    : { word: 'Connecting', tone: 'wait', sign: 'clock' }
              }
            />
            {some(shown.length, 'row')}, the newest 300 are kept
            {isCut && '. More happened than could be shown; the lists have all of it'}
          </span>
        </p>
        {shown.length === 0 ? (
          <div class="empty">
            <p>Nothing yet. It appears here as soon as something happens.</p>
          </div>
        ) : (
          <Table
            caption="What happens, newest first"
            rows={shown}
            keyOf={row => row.id}
            columns={[
              {
                head: 'When',
                is: 'narrow',
                cell: row => <Time at={row.what === 'attempt' ? row.at : row.received_at} as="clock" />
              },
              { head: 'What', is: 'main', cell: row => <What row={row} /> },
              { head: 'How', is: 'some', cell: row => <How row={row} /> },
              { head: 'Of', cell: row => <Of row={row} /> }
            ]}
          />
        )}
      </div>
    </Page>
  )
}

function What({ row }: { row: Happening }) {
  if (row.what === 'delivery') return <a href={pageOf.delivery(row.id)}>{row.events[0]?.type ?? 'Webhook'}</a>
  if (row.what === 'attempt') return <a href={pageOf.call(row.id)}>{row.operation}</a>
  return <a href={pageOf.rejected(row.id)}>Rejected request</a>
}

function How({ row }: { row: Happening }) {
  if (row.what === 'delivery') return <Mark says={sayingOf(deliveryStates, row.state)} />
  if (row.what === 'rejected') return <span>{sentence(causeInWords(row.cause))}</span>
  return (
    <>
      <Mark says={statusSaying(row.status, row.error)} />{' '}
      <span class="quiet small">{lasted(row.duration_ms)}</span>
      {row.error !== null && <span class="sub">{sentence(row.error)}</span>}
    </>
  )
}

function Of({ row }: { row: Happening }) {
  if (row.what === 'attempt') return <a href={pageOf.customer(row)}>{row.customer_key}</a>
  return isConnection(row.connection) ? (
    <a href={pageOf.connection(row.connection)}>{row.connection}</a>
  ) : (
    <span>{row.connection}</span>
  )
}
