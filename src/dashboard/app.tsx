import { useEffect, useState } from 'preact/hooks'
import { type Refused, session, whoIsThere } from './api.ts'
import { ownPage, pageOf, partsOf } from './links.ts'
import { refusalOf } from './load.ts'
import { SignIn } from './pages/sign-in.tsx'
import { routed } from './pages.tsx'
import { Failure } from './parts/failure.tsx'
import { go, pathname, search, signInPage } from './router.ts'
import { Shell } from './shell.tsx'

/** Whoever is not known signs in first, and then goes on where they wanted to be. */
export function App() {
  const [failure, setFailure] = useState<Refused>()
  const [round, setRound] = useState(0)
  const who = session.value
  const isSigningIn = partsOf(pathname.value)?.[0] === 'sign-in'

  // Another round asks again.
  useEffect(() => {
    setFailure(undefined)
    whoIsThere().then(
      () => {
        if (session.peek() === undefined) session.value = null
      },
      error => setFailure(refusalOf(error))
    )
  }, [round])

  useEffect(() => {
    if (who === null && !isSigningIn) go(signInPage(), { replace: true })
    if (who != null && isSigningIn)
      go(ownPage(new URLSearchParams(search.peek()).get('to')), { replace: true })
  }, [who, isSigningIn])

  if (failure !== undefined && who === undefined) {
    return (
      <main class="sign-in">
        <Failure failure={failure} retry={() => setRound(before => before + 1)} />
      </main>
    )
  }
  if (who === undefined) return null
  if (who === null) return <SignIn />
  const { key, page } = routed(partsOf(isSigningIn ? pageOf.overview() : pathname.value))
  return <Shell key="shell">{<div key={key}>{page}</div>}</Shell>
}
