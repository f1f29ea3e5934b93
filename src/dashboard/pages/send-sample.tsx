import { useState } from 'preact/hooks'
import type { ConnectionDetail, SentSample } from '../../operate/schemas/connections.ts'
import { act } from '../api.ts'
import { askAt, pageOf } from '../links.ts'
import { say } from '../notices.ts'
import { Action } from '../parts/action.tsx'

/** A webhook of an invented guest, sent as the platform would. */
export function SendSample({
  connection: { id, samples, samples_stay_here: staysHere }
}: {
  connection: ConnectionDetail
}) {
  const [event, setEvent] = useState(samples[0] ?? '')
  const [sent, setSent] = useState<SentSample>()
  const page = sent && pageOfSent(sent)
  if (samples.length === 0) return null
  return (
    <section class="card">
      <h2>Send a sample</h2>
      <div class="inside stack near">
        <p>
          {staysHere
            ? 'A webhook of an invented guest, signed as the platform would sign it. It goes no further than the sandbox.'
            : 'A webhook of an invented guest, signed as the platform would sign it. This relay sends to Seam itself, which then hears of that guest.'}
        </p>
        <label class="field">
          <span>Event</span>
          <select value={event} onChange={change => setEvent(change.currentTarget.value)}>
            {samples.map(each => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
        <div class="row">
          <Action
            label="Send it"
            is="first"
            {...(!staysHere && {
              confirm: {
                title: 'Send it to Seam itself?',
                verb: 'Send it',
                text: (
                  <p>
                    Seam gets a stay of an invented guest. Cancel it again with the sample of a cancellation.
                  </p>
                )
              }
            })}
            run={async () => {
              const reply = await act<SentSample>('POST', `${askAt.connection(id)}/sample`, {
                event,
                ...(!staysHere && { real: true })
              })
              setSent(reply)
              say(`The sample ${reply.event} was answered with ${reply.status}.`, pageOfSent(reply))
            }}
          />
          {page !== undefined && <a href={page}>What became of it</a>}
        </div>
      </div>
    </section>
  )
}

function pageOfSent({ delivery_id: id }: SentSample): string | undefined {
  return id === null ? undefined : pageOf.delivery(id)
}
