/** What lies deeper no schema reads. */
const DEEPEST = 20

/** Parsed JSON, every text in it without the white space around it. Objects and lists are changed where they are. */
export function trimmed(json: unknown, depth = 0): unknown {
  if (typeof json === 'string') return json.trim()
  if (typeof json !== 'object' || json === null || depth > DEEPEST) return json
  const members = json as Record<string, unknown>
  for (const name of Object.keys(members)) {
    const [told, text] = [members[name], trimmed(members[name], depth + 1)]
    if (text !== told) members[name] = text
  }
  return json
}
