/**
 * The known name that was probably meant.
 * @returns undefined where none is close: two letters may differ, a third of a long name's, one of a short name's
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const allowed = name.length < 4 ? 1 : Math.max(2, Math.floor(name.length / 3))
  let best: { distance: number; candidate: string } | undefined
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance <= allowed && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) {
      best = { distance, candidate }
    }
  }
  return best?.candidate
}

/** `; did you mean x?`, or the whole list where nothing is near. */
export function suggestion(name: string, known: readonly string[]): string {
  const meant = nearest(name, known)
  if (meant !== undefined) return `; did you mean ${meant}?`
  return known.length === 0 ? '' : `; known: ${known.join(', ')}`
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, position) => position)
  for (const [position, letter] of [...a].entries()) {
    const next = [position + 1]
    for (const [column, other] of [...b].entries()) {
      const replaced = (row[column] as number) + (letter === other ? 0 : 1)
      const removed = (row[column + 1] as number) + 1
      const inserted = (next[column] as number) + 1
      next.push(Math.min(replaced, removed, inserted))
    }
    row = next
  }
  return row[b.length] as number
}
