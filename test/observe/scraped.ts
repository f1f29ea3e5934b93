/** A sample of Prometheus' text format: `name{label="value"}` → value. */
export type Samples = Map<string, number>

export function samplesIn(text: string): Samples {
  const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map(line => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    })
  )
}

/** @param origin of a relay */
export async function scraped(origin: string): Promise<Samples> {
  return samplesIn(await (await fetch(`${origin}/metrics`)).text())
}
