import { accepted, rejected, type Secrets, type Signed, type Verdict, type Verification } from './verify.ts'

/** Every scheme whose secrets the connection has must say yes; a connection has at least one of them (its settings' schema sees to that). */
export function everyConfigured(...schemes: Verification[]): Verification {
  return configured(schemes, '; and/or ', firstNo)
}

/** One scheme whose secrets the connection has must say yes; there may be several, so that one can take the other's place. */
export function eitherConfigured(...schemes: Verification[]): Verification {
  return configured(schemes, '; or ', anyYes)
}

/** Schemes as one: those whose secrets the connection has are asked, and what they say is judged together. */
function configured(
  schemes: Verification[],
  between: string,
  judge: (verdicts: Verdict[]) => Verdict
): Verification {
  const active = (secrets: Secrets) =>
    schemes.filter(scheme => scheme.needs.every(name => secrets[name]?.length))
  return {
    description: schemes.map(scheme => scheme.description).join(between),
    needs: [],
    evidence: schemes.flatMap(scheme => scheme.evidence),
    secretQuery: schemes.flatMap(scheme => scheme.secretQuery ?? []),
    credential: (incoming, secrets) =>
      schemes.map(scheme => scheme.credential?.(incoming, secrets)).find(value => value !== undefined),
    verify(incoming, secrets) {
      const verdicts = active(secrets).map(scheme => scheme.verify(incoming, secrets))
      // Waits only where one of them has to be waited for.
      return verdicts.every(isKnown) ? judge(verdicts) : Promise.all(verdicts).then(judge)
    },
    sign: (body, secrets, at) => together(active(secrets).map(scheme => scheme.sign(body, secrets, at)))
  }
}

function isKnown(verdict: Verdict | Promise<Verdict>): verdict is Verdict {
  return !(verdict instanceof Promise)
}

/** The first no; else a yes, unless nobody was asked. */
function firstNo(verdicts: Verdict[]): Verdict {
  return verdicts.length === 0
    ? rejected('credentials_missing')
    : (verdicts.find(verdict => !verdict.ok) ?? accepted)
}

/** A yes; else a no: that nothing was sent in one way says less than that something wrong was sent in another. */
function anyYes(verdicts: Verdict[]): Verdict {
  const wrong = verdicts.find(verdict => !verdict.ok && verdict.cause !== 'credentials_missing')
  return verdicts.find(verdict => verdict.ok) ?? wrong ?? rejected('credentials_missing')
}

/** The proofs of several schemes on one request. */
function together(proofs: Signed[]): Signed {
  const headers: Signed['headers'] = Object.assign({}, ...proofs.map(proof => proof.headers))
  const query: Signed['query'] = Object.assign({}, ...proofs.map(proof => proof.query))
  return Object.assign({}, ...proofs, { headers, query })
}
