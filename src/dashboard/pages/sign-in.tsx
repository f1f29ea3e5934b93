import { useEffect, useRef, useState } from 'preact/hooks'
import { Refused, signIn } from '../api.ts'
import { refusalOf } from '../load.ts'
import { BrandSign } from '../parts/brand.tsx'
import { Icon } from '../parts/icon.tsx'
import { search } from '../router.ts'

export function SignIn() {
  const [failure, setFailure] = useState<Refused>()
  const [isRunning, setRunning] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const hasExpired = new URLSearchParams(search.value).has('to')

  useEffect(() => {
    document.title = 'Sign in · Seam Relay'
    field.current?.focus()
  }, [])

  async function submit(event: Event) {
    event.preventDefault()
    const token = field.current?.value.trim() ?? ''
    if (token === '') {
      setFailure(new Refused(400, 'Enter the token.'))
      field.current?.focus()
      return
    }
    setRunning(true)
    setFailure(undefined)
    try {
      await signIn(token)
    } catch (error) {
      setFailure(explained(refusalOf(error)))
      setRunning(false)
      field.current?.select()
    }
  }

  return (
    <main class="sign-in">
      <form onSubmit={submit} method="post" noValidate>
        <p class="brand">
          <BrandSign />
          Seam Relay
        </p>
        <div class="card">
          <div>
            <h1>Sign in</h1>
            <p class="quiet">
              {hasExpired ? 'Then you go on where you were.' : 'For those who look after this relay.'}
            </p>
          </div>
          <input
            class="unseen"
            type="text"
            name="username"
            autocomplete="username"
            value="seam-relay"
            readOnly
            tabIndex={-1}
            aria-hidden="true"
          />
          <label class="field">
            <span>Token</span>
            <input
              ref={field}
              type="password"
              name="password"
              autocomplete="current-password"
              spellcheck={false}
              autocapitalize="off"
              required
              aria-invalid={failure !== undefined}
              aria-describedby="sign-in-help sign-in-error"
            />
            <small id="sign-in-help">
              RELAY_ADMIN_TOKEN, or a key from <code>seam-relay keys create --scope operate</code>
            </small>
          </label>
          <div id="sign-in-error" role="alert">
            {failure !== undefined && (
              <div class="notice bad">
                <Icon name="alert" />
                <p>{failure.message}</p>
              </div>
            )}
          </div>
          <button type="submit" class="button first" aria-disabled={isRunning}>
            {isRunning ? 'Signing in…' : 'Sign in'}
          </button>
        </div>
      </form>
    </main>
  )
}

function explained(failure: Refused): Refused {
  if (failure.status !== 401) return failure
  return new Refused(
    401,
    'The relay does not know this token. Check that all of it was pasted, and that it is of this relay.'
  )
}
