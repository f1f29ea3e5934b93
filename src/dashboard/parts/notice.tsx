import { hush, said } from '../notices.ts'
import { Icon } from './icon.tsx'

/** What has just been done; see `notices.ts`. */
export function Notice() {
  const { value } = said
  return (
    <div class="said" role="status" aria-live="polite">
      {value !== undefined && (
        <div class={`notice ${value.tone}`}>
          <Icon name={value.tone === 'ok' ? 'check' : 'alert'} />
          <div>
            <p>{value.text}</p>
            <div class="row">
              {value.page !== undefined && <a href={value.page}>Look at it</a>}
              <button type="button" class="link-button" onClick={hush}>
                Put away
              </button>
            </div>
          </div>
        </div>
      )}
    </div>
  )
}
