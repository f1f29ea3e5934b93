import type { WholeDelivery } from '../../operate/schemas/deliveries.ts'
import type { KeptBody } from '../../operate/schemas/request.ts'
import { count } from '../ages.ts'
import { causeInWords } from '../words.ts'
import { Mark } from './mark.tsx'
import { Scroll } from './scroll.tsx'

type Kept = Pick<WholeDelivery, 'headers' | 'query' | 'verification' | 'body'>

/** A request as it came, as far as it may be shown. */
export function Request({ request, cause }: { request: Kept; cause?: string }) {
  const { headers, query, verification } = request
  const parameters = Object.entries(query)
  return (
    <div class="request">
      <section>
        <h3>Verification</h3>
        <p>
          <Mark
            says={
              verification.accepted
                ? { word: 'Accepted', tone: 'ok', sign: 'check' }
                : { word: 'Refused', tone: 'bad', sign: 'cross' }
            }
          />{' '}
          {cause !== undefined && `because ${causeInWords(cause)}. `}
          {verification.by !== null && `Checked by ${verification.by}. `}
          {verification.evidence.length > 0 && (
            <span class="quiet">Shown by the header {verification.evidence.join(', ')}.</span>
          )}
        </p>
      </section>
      <section>
        <h3>Headers</h3>
        {Object.keys(headers).length === 0 ? (
          <p class="quiet small">None were kept.</p>
        ) : (
          <dl class="headers">
            {Object.entries(headers).map(([name, value]) => (
              <>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </>
            ))}
          </dl>
        )}
      </section>
      {parameters.length > 0 && (
        <section>
          <h3>Parameters of the address</h3>
          <dl class="headers">
            {parameters.map(([name, values]) => (
              <>
                <dt>{name}</dt>
                <dd>{values.join(', ')}</dd>
              </>
            ))}
          </dl>
        </section>
      )}
      <section>
        <h3>
          Body <span class="quiet">{request.body.bytes > 0 && `${count(request.body.bytes)} bytes`}</span>
        </h3>
        <Body body={request.body} />
      </section>
    </div>
  )
}

function Body({ body }: { body: KeptBody }) {
  if (!body.kept) return <p class="quiet small">It is no longer kept (RELAY_KEEP_BODIES_DAYS).</p>
  if (body.text !== null) return <Data value={asJson(body.text)} label="Body as it came" />
  if (body.base64 !== null) return <Data value={body.base64} label="Body as it came, in base64" />
  if (body.masked === null) {
    return <p class="quiet small">It is not JSON, or too large to be shown with people masked.</p>
  }
  return <Data value={body.masked} label="Body, people masked" />
}

/** What a body says; itself where it is no JSON. */
export function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export function Data({ value, label }: { value: unknown; label: string }) {
  return (
    <Scroll label={label}>
      <pre class="data">{typeof value === 'string' ? value : JSON.stringify(value, null, 2)}</pre>
    </Scroll>
  )
}
