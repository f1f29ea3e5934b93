import { Type } from '@sinclair/typebox'

/** What is signed, in the order in which it is signed: the exact bytes of the body, a header's text, or fixed text. */
export type Part = { fixed: string } | { name: Placeholder }
export type Placeholder = 'body' | 'timestamp' | 'id' | 'url'

export const Template = Type.String({
  pattern: '^([^{}]|\\{(body|timestamp|id|url)\\})*\\{body\\}([^{}]|\\{(body|timestamp|id|url)\\})*$',
  maxLength: 200,
  description:
    'What is signed: {body}, together with {timestamp}, {id}, {url} and text, such as {timestamp}.{body}'
})

/** @param template one that fits {@link Template} */
export function partsOf(template: string): Part[] {
  return template
    .split(/(\{\w+\})/)
    .filter(text => text !== '')
    .map(text => (text.startsWith('{') ? { name: text.slice(1, -1) as Placeholder } : { fixed: text }))
}

export function uses(template: string, name: Placeholder): boolean {
  return template.includes(`{${name}}`)
}
