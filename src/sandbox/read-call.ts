import type { FastifyRequest } from 'fastify'
import { type Answer, failed, invalid, plainText } from './answers.ts'

export type ReadCall = { workspace: string; body: unknown } | { refusal: Answer }

/**
 * A request → whose it is and what it says, or why neither can be known. In the order of Seam's public framework: broken
 * JSON first, then who asks, then the content type; a POST without a body is one with an empty object.
 * @param workspaces API key → workspace
 */
export function readCall(request: FastifyRequest, workspaces: Map<string, string>): ReadCall {
  const text = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : ''
  const isJson = request.headers['content-type']?.includes('application/json') ?? false
  const parsed = text !== '' && isJson ? parseJson(text) : { value: {} }
  if (parsed === undefined) return { refusal: plainText(400, 'Invalid JSON') }

  const key = /^bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
  const workspace = workspaces.get(key)
  if (workspace === undefined) return { refusal: failed(401, 'The API key is missing or not known here') }

  if (request.method === 'DELETE') {
    return text === ''
      ? { workspace, body: listsInQuery(request.url) }
      : {
          refusal: invalid([
            { path: [], message: 'is not read: DELETE takes its keys from the query string' }
          ])
        }
  }
  if (text !== '' && !isJson) {
    return { refusal: failed(400, 'The body must be declared as application/json', 'invalid_content_type') }
  }
  return { workspace, body: parsed.value }
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/**
 * The lists of delete_data as the official SDK writes them since `@seamapi/http` 2.15: a parameter per element, a comma
 * is part of the value, a single blank value is the empty list, and `_strict` is about the reading itself.
 */
function listsInQuery(url: string): Record<string, string[]> {
  const start = url.indexOf('?')
  const query = new URLSearchParams(start === -1 ? '' : url.slice(start))
  const names = [...new Set(query.keys())].filter(name => name !== '_strict')
  return Object.fromEntries(
    names.map(name => {
      const values = query.getAll(name)
      return [name, values.join('').trim() === '' && values.length === 1 ? [] : values]
    })
  )
}
