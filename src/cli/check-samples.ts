import type { LoadedConnections } from '../connections.ts'
import { RelayError } from '../errors.ts'
import type { Connection } from '../model/connection.ts'
import { ExpressionPlace, type Said } from '../platforms/custom/read-events.ts'
import { type Platform, type PlatformEvent, platformOf, translateEvent } from '../platforms/platform.ts'
import { changeLines } from './translate/words.ts'

/** What one of the operator's samples comes to. */
export interface SampleLine {
  connectionId: string
  text: string
  isMistake: boolean
}

/** Runs the samples of connections that describe their platform, without a store and without Seam. */
export async function sampleLines(
  loaded: LoadedConnections,
  platforms: Record<string, Platform>
): Promise<SampleLine[]> {
  const lines: SampleLine[] = []
  for (const [index, connection] of loaded.connections.entries()) {
    if (connection.webhooks === undefined) continue
    const platform = platformOf(platforms, connection) as Platform
    const add = (text: string, isMistake = false) => {
      lines.push({ connectionId: connection.id, text, isMistake })
    }
    const webhooks = ['connections', index, 'webhooks']
    const addMistake = (name: string, error: unknown) => {
      if (!(error instanceof RelayError)) throw error
      const { cause, message } = error
      const path = cause instanceof ExpressionPlace ? [...webhooks, 'events', cause.type] : undefined
      const where = path === undefined ? '' : `${loaded.where(path, (cause as ExpressionPlace).offset)} `
      add(`${name}: ${where}${message}`, true)
    }
    for (const [name, make] of Object.entries(platform.samples.events)) {
      const now = Date.now()
      const sample = make({ connection, now, serial: now })
      const delivery = {
        id: 'sample',
        connectionId: connection.id,
        platform: platform.name,
        receivedAt: now,
        headers: lowerCase(sample.headers ?? {}),
        query: Object.fromEntries(Object.entries(sample.query ?? {}).map(([key, value]) => [key, [value]])),
        body: Buffer.from(sample.body)
      }
      let events: PlatformEvent[] = []
      try {
        events = await platform.readEvents(delivery)
      } catch (error) {
        addMistake(name, error)
      }
      for (const event of events) {
        try {
          const [first = '', ...more] = meaning(platform, connection, event, delivery)
          add(`${name}: ${first}`)
          for (const line of more) add(`  ${line}`)
          const place = undatedIn(event)
          if (place !== undefined) {
            const where = loaded.where([...webhooks, 'event', 'time'])
            add(
              `  ${where} there is nothing at ${place}, so the time of receipt counts and what comes late wins`
            )
          }
        } catch (error) {
          addMistake(name, error)
        }
      }
    }
    const { samples } = connection.webhooks.description as { samples?: string }
    if (samples !== undefined && connection.webhooks.bodies.length === 0)
      add(`${loaded.where([...webhooks, 'samples'])} there is no file that fits ${samples}`, true)
  }
  return lines
}

function meaning(
  platform: Platform,
  connection: Connection,
  event: PlatformEvent,
  delivery: Parameters<typeof translateEvent>[1]['delivery']
): string[] {
  const translation = translateEvent(platform, { event, facts: undefined, delivery, connection })
  return Array.isArray(translation) ? translation.flatMap(changeLines) : [`ignored: ${translation.ignored}`]
}

function undatedIn({ payload }: PlatformEvent): string | undefined {
  return (payload as Partial<Extract<Said, { event: unknown }>> | undefined)?.undated
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
