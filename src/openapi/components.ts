/**
 * Schemas that have a title are written once, under `components`, and referred to from where they stand. Routes give them
 * whole, since whatever validates and serialises would have to resolve a reference again.
 */

type Json = Record<string, unknown>

/** The keywords behind which stand values rather than schemas. */
const values = new Set(['example', 'examples', 'default', 'enum', 'const', 'required'])

/**
 * @param document an OpenAPI document whose paths hold whole schemas
 * @throws TypeError where two schemas that differ have the same title
 */
export function withComponents<D extends { paths?: unknown; components?: object | undefined }>(
  document: D
): D {
  const found = new Map<string, Json>()
  const paths = referring(document.paths, found)
  const schemas = Object.fromEntries([...found].sort(([a], [b]) => a.localeCompare(b)))
  return { ...document, paths, components: { ...document.components, schemas } }
}

function referring(value: unknown, found: Map<string, Json>, areMembers = false): unknown {
  if (Array.isArray(value)) return value.map(each => referring(each, found))
  if (typeof value !== 'object' || value === null) return value
  const inner: Json = Object.fromEntries(
    Object.entries(value).map(([name, each]) =>
      // A member may have the name of a keyword.
      !areMembers && values.has(name)
        ? [name, each]
        : [name, referring(each, found, !areMembers && name === 'properties')]
    )
  )
  if (areMembers || typeof inner.title !== 'string') return inner
  const name = inner.title.replace(/\W+(\w)/g, (_all, letter: string) => letter.toUpperCase())
  const known = found.get(name)
  if (known !== undefined && JSON.stringify(known) !== JSON.stringify(inner)) {
    throw new TypeError(`two schemas are called ${name}`)
  }
  found.set(name, inner)
  return { $ref: `#/components/schemas/${name}` }
}
