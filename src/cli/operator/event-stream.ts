/** An event of a stream. Source: HTML Standard, section 9.2, server-sent events. */
export interface StreamEvent {
  event: string
  id: string | undefined
  data: string
}

/** The events of a stream as they come; comments, which only keep it open, are passed over. */
export async function* eventsIn(stream: AsyncIterable<Uint8Array>): AsyncGenerator<StreamEvent> {
  let lines: string[] = []
  for await (const line of linesIn(stream)) {
    if (line !== '') {
      lines.push(line)
      continue
    }
    const found = eventOf(lines)
    lines = []
    if (found !== undefined) yield found
  }
}

async function* linesIn(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r(?!$)/)
    rest = lines.splice(-1).join('')
    yield* lines
  }
}

function eventOf(lines: string[]): StreamEvent | undefined {
  const fields = lines.flatMap(line => {
    const [, name, value = ''] = /^([^:]+)(?:: ?(.*))?$/s.exec(line) ?? []
    return name === undefined ? [] : [{ name, value }]
  })
  const of = (name: string) => fields.findLast(each => each.name === name)?.value
  const data = fields.filter(each => each.name === 'data').map(each => each.value)
  if (data.length === 0) return undefined
  return { event: of('event') ?? 'message', id: of('id'), data: data.join('\n') }
}
