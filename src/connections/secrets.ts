import { webhookSecretBytes } from '../config/formats.ts'
import { isMembers, type Members } from '../model/members.ts'
import type { Platform } from '../platforms/platform.ts'
import type { Path, Problem } from './file.ts'
import { secretsSchema } from './schema.ts'
import { type Entry, misfits } from './shape.ts'

/** Stands in every secret of the example file, so that none of them ever guards a real door. */
const DEMO_MARK = 'demo-only'

/** Shorter secrets are accepted, as some platforms choose them, and warned of. */
const MIN_SECRET_LENGTH = 16

/** Members of `secrets` that say who sends, or where to look, and prove nothing by themselves. */
const identifiers = ['username', 'header', 'topic_arn', 'agency_uid', 'tolerance_seconds']

/** What does not fit the platform, or would let nobody in. */
export function* secretProblems(platform: Platform, written: Members, path: Path): Generator<Problem> {
  const secrets = asLists(written)
  const problems = misfits(secretsSchema(platform), secrets, path, written)
  yield* problems
  if (problems.length > 0) return
  const { verification } = platform
  const signed = verification.sign(new Uint8Array(), secrets as Record<string, string[]>, {
    now: 0,
    id: 'check'
  })
  // A set that the schema allows can still be half a set, such as the name of a header without its value.
  if (signed.token === undefined && Object.keys({ ...signed.headers, ...signed.query }).length === 0) {
    yield {
      path,
      message: `are not enough to verify anything; needed: ${verification.description}`,
      lacks: true
    }
  }
}

/** One text or a list of them → a list. */
export function asLists(secrets: Members): Members {
  return Object.fromEntries(
    Object.entries(secrets).map(([name, value]) => [name, typeof value === 'string' ? [value] : value])
  )
}

/** What examples have where a secret belongs: those of the demo's file, and `<…>` that nobody has filled in. */
export function* demoSecrets({ path, members }: Entry): Generator<Problem> {
  for (const name of ['secrets', 'api']) {
    for (const text of textsUnder(members[name], [...path, name])) {
      if (isBlank(text.value)) {
        yield { path: text.path, message: 'is the <…> of an example; put the secret in its place' }
      } else if (isDemo(text.value)) {
        yield {
          path: text.path,
          message:
            'is the example’s secret, which everybody can read; set one of your own before sending to Seam'
        }
      }
    }
  }
}

function isBlank(secret: string): boolean {
  return secret.startsWith('<') && secret.endsWith('>')
}

function isDemo(secret: string): boolean {
  if (secret.includes(DEMO_MARK)) return true
  return secret.startsWith('whsec_') && webhookSecretBytes(secret).includes(DEMO_MARK)
}

/** Secrets that somebody patient can guess. */
export function* weakSecrets({ path, members }: Entry): Generator<Problem> {
  for (const text of textsUnder(members.secrets, [...path, 'secrets'])) {
    if (text.value.length >= MIN_SECRET_LENGTH || identifiers.includes(`${text.path[3]}`)) continue
    yield {
      path: text.path,
      message: `is shorter than ${MIN_SECRET_LENGTH} characters and can be guessed; choose a longer one if the platform lets you`
    }
  }
}

function* textsUnder(value: unknown, path: Path): Generator<{ value: string; path: Path }> {
  if (typeof value === 'string') yield { value, path }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* textsUnder(item, [...path, index])
  } else if (isMembers(value)) {
    for (const [name, member] of Object.entries(value)) yield* textsUnder(member, [...path, name])
  }
}
