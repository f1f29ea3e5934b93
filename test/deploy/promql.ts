/** What an expression of PromQL asks for. */
export interface Asked {
  metrics: { name: string; matchers: { label: string; operator: string; value: string }[] }[]
  /** Labels that it groups or joins by. */
  grouped: string[]
}

const TOKEN =
  /\s+|"(?:[^"\\]|\\.)*"|[a-zA-Z_:$][\w:]*|[\d.]+(?:ms|[smhdwy])?|=~|!~|!=|==|>=|<=|[-+*/%^<>=(){}[\],]/gy
const GROUPING = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right'])
const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan'])

/**
 * The metrics, matchers and groupings of an expression, found by its tokens: enough to see whether they exist, and not
 * whether it is right PromQL. @throws TypeError where something cannot be read
 */
export function askedBy(expression: string): Asked {
  const tokens = tokensOf(expression)
  const asked: Asked = { metrics: [], grouped: [] }
  let at = 0
  const next = () => String(tokens[at++])

  function matchers(): Asked['metrics'][number]['matchers'] {
    const found = []
    for (let label = next(); label !== '}'; label = next()) {
      if (label === ',') continue
      found.push({ label, operator: next(), value: JSON.parse(next()) as string })
    }
    return found
  }

  while (at < tokens.length) {
    const token = next()
    if (token === '[') while (next() !== ']');
    if (!/^[a-z_]/i.test(token) || WORDS.has(token.toLowerCase())) continue
    if (GROUPING.has(token)) {
      next()
      for (let label = next(); label !== ')'; label = next()) if (label !== ',') asked.grouped.push(label)
      continue
    }
    // A function, or an aggregation whose grouping stands before its list.
    if (tokens[at] === '(' || GROUPING.has(String(tokens[at]))) continue
    const hasMatchers = tokens[at] === '{'
    if (hasMatchers) at += 1
    asked.metrics.push({ name: token, matchers: hasMatchers ? matchers() : [] })
  }
  return asked
}

function tokensOf(expression: string): string[] {
  const tokens = expression.match(TOKEN) ?? []
  if (tokens.join('') !== expression) throw new TypeError(`cannot be read: ${expression}`)
  return tokens.filter(token => token.trim() !== '')
}
