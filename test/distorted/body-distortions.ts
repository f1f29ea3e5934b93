import type { Platform } from '../../src/platforms/platform.ts'

/** One way in which a body differs from what its platform sends. */
export interface Distortion {
  /** Where, from the beginning of the body: `.data.rooms[0].id`; behind `$` inside JSON that is a text. */
  path: string
  how: string
  /** Whether it says the same in another spelling. */
  same: boolean
  /** All of them at once would be megabytes. */
  body(): string
}

interface Variant {
  path: string
  how: string
  same: boolean
  value: unknown
}

/** In the place of a member that is left out. */
const leftOut = Symbol('left out')

/** What a platform's webhooks write in one case and may as well in another. */
export function wordsOf({ statuses, events, ignored }: Platform): ReadonlySet<string> {
  return new Set([...(statuses?.standings.keys() ?? []), ...Object.keys(events), ...Object.keys(ignored)])
}

/**
 * Every member of the body, JSON or a form, distorted in every way: left out, empty, of another type, spelled otherwise, another word; and
 * lists that hold an entry twice, or something that is no entry.
 * @param words events and statuses, which are the same in any case
 * @param strange what stands for a word that nobody knows
 */
export function distortionsOf(body: string, words: ReadonlySet<string>, strange: string): Distortion[] {
  const json = parsed(body)
  if (json === undefined) return distortedForms(body, words, strange)
  return variantsOf(json, { words, strange, path: '' }).map(({ value, ...rest }) => ({
    ...rest,
    body: () => JSON.stringify(value)
  }))
}

interface Place {
  words: ReadonlySet<string>
  strange: string
  path: string
}

function variantsOf(value: unknown, place: Place): Variant[] {
  const here = place.path === '' ? [] : replaced(value, place)
  return [...here, ...inside(value, place)]
}

function inside(value: unknown, place: Place): Variant[] {
  const { path } = place
  if (typeof value === 'string') {
    const json = /^\s*[{[]/.test(value) ? parsed(value) : undefined
    const within = json === undefined ? [] : inside(json, { ...place, path: `${path}$` })
    return within.map(variant => ({ ...variant, value: JSON.stringify(variant.value) }))
  }
  if (Array.isArray(value))
    return value.flatMap((entry, index) =>
      variantsOf(entry, { ...place, path: `${path}[${index}]` }).map(variant => ({
        ...variant,
        value: variant.value === leftOut ? value.toSpliced(index, 1) : value.with(index, variant.value)
      }))
    )
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) =>
    variantsOf(member, { ...place, path: `${path}.${name}` }).map(variant => {
      const { [name]: _, ...others } = value as Record<string, unknown>
      return { ...variant, value: variant.value === leftOut ? others : { ...value, [name]: variant.value } }
    })
  )
}

/** Something else in its place. */
function replaced(value: unknown, { path, words, strange }: Place): Variant[] {
  const others = [leftOut, null, '', [], {}, strange].filter(other => other !== value)
  return [
    ...others.map(other => ({ path, how: nameOf(other, strange), same: false, value: other })),
    ...spelledOtherwise(value, words).map(([how, spelled]) => ({ path, how, same: true, value: spelled }))
  ]
}

function nameOf(value: unknown, strange: string): string {
  if (value === leftOut) return 'left out'
  return value === strange ? 'another word' : JSON.stringify(value)
}

function spelledOtherwise(value: unknown, words: ReadonlySet<string>): [how: string, value: unknown][] {
  if (typeof value === 'number') return [['as text', String(value)]]
  if (typeof value === 'boolean')
    return [
      ['as text', String(value)],
      ['as number', Number(value)]
    ]
  if (Array.isArray(value)) return value.length === 0 ? [] : crowded(value)
  if (typeof value !== 'string') return []
  const isDigits = /^[1-9]\d{0,14}$/.test(value)
  return [
    ['in spaces', ` ${value} `],
    ...(isDigits ? [['as number', Number(value)] as [string, unknown]] : []),
    ...(words.has(value) ? inOtherCase(value) : [])
  ]
}

function inOtherCase(word: string): [how: string, value: unknown][] {
  const cases: [string, string][] = [
    ['in capitals', word.toUpperCase()],
    ['in small letters', word.toLowerCase()]
  ]
  return cases.filter(([, other]) => other !== word)
}

/** What says nothing beside what says something. */
function crowded(list: unknown[]): [how: string, value: unknown][] {
  return [
    ['an entry twice', [...list, list[0]]],
    ...[null, {}, [], 'broken', 42].flatMap((entry): [string, unknown][] => [
      [`before it ${JSON.stringify(entry)}`, [entry, ...list]],
      [`behind it ${JSON.stringify(entry)}`, [...list, entry]]
    ])
  ]
}

function distortedForms(body: string, words: ReadonlySet<string>, strange: string): Distortion[] {
  return [...new URLSearchParams(body)].flatMap(([name, value]) =>
    replaced(value, { path: `.${name}`, words, strange })
      .filter(variant => typeof variant.value === 'string' || variant.value === leftOut)
      .map(({ value: other, ...rest }) => {
        const form = new URLSearchParams(body)
        if (other === leftOut) form.delete(name)
        else form.set(name, String(other))
        return { ...rest, body: () => form.toString() }
      })
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
