import { type Secrets, signedByAll, type Verdict, type Verification } from './verify.ts'

/** One scheme whose secrets the connection has must say yes; there may be several, so that one can take the other's place. */
export function eitherConfigured(...schemes: Verification[]): Verification {
  const configured = (secrets: Secrets) =>
    schemes.filter(scheme => scheme.needs.every(name => secrets[name]?.length))
  return {
    description: schemes.map(scheme => scheme.description).join('; or '),
    needs: [],
    evidence: schemes.flatMap(scheme => scheme.evidence),
    secretQuery: schemes.flatMap(scheme => scheme.secretQuery ?? []),
    credential: (incoming, secrets) =>
      schemes.map(scheme => scheme.credential?.(incoming, secrets)).find(value => value !== undefined),
    verify(incoming, secrets) {
      const verdicts = configured(secrets).map(scheme => scheme.verify(incoming, secrets))
      const waits = verdicts.some(verdict => verdict instanceof Promise)
      return waits ? Promise.all(verdicts).then(anyYes) : anyYes(verdicts as Verdict[])
    },
    sign: (body, secrets, at) => signedByAll(configured(secrets), body, secrets, at)
  }
}

const missing: Verdict = { ok: false, cause: 'credentials_missing' }

/** Else a no: that nothing was sent in one way says less than that something wrong was sent in another. */
function anyYes(verdicts: Verdict[]): Verdict {
  const wrong = verdicts.find(verdict => !verdict.ok && verdict.cause !== 'credentials_missing')
  return verdicts.find(verdict => verdict.ok) ?? wrong ?? missing
}
