/** One instruction of a Dockerfile, with its continued lines as one. */
export interface Instruction {
  keyword: string
  /** `--from=build` → `from: 'build'` */
  flags: Record<string, string>
  /** What follows keyword and flags. */
  rest: string
}

export interface Stage {
  name: string | undefined
  image: string
  instructions: Instruction[]
}

export interface Dockerfile {
  /** Before the first stage: what `FROM` may name. */
  globalArgs: Record<string, string>
  stages: Stage[]
}

const known = new Set(
  'ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL RUN STOPSIGNAL USER VOLUME WORKDIR'.split(' ')
)

/**
 * As much of the Dockerfile syntax as ours uses.
 * @throws TypeError at anything else, rather than to read it wrongly
 */
export function parseDockerfile(text: string): Dockerfile {
  if (/^#\s*(?:syntax|escape)=/m.test(text)) throw new TypeError('a directive')
  const globalArgs: Record<string, string> = {}
  const stages: Stage[] = []
  for (const line of wholeLines(text)) {
    const instruction = parseInstruction(line)
    const { keyword, rest } = instruction
    const stage = stages.at(-1)
    if (keyword === 'FROM') {
      const [image = '', as, name] = rest.split(/\s+/)
      if (as !== undefined && as.toUpperCase() !== 'AS') throw new TypeError(line)
      stages.push({ name, image: expand(image, globalArgs), instructions: [] })
    } else if (stage !== undefined) stage.instructions.push(instruction)
    else if (keyword === 'ARG') Object.assign(globalArgs, pairs(rest))
    else throw new TypeError(`before the first stage: ${line}`)
  }
  return { globalArgs, stages }
}

/** Comments go, also between continued lines; lines that end in a backslash go on. */
function wholeLines(text: string): string[] {
  return text
    .split('\n')
    .filter(line => !/^\s*#/.test(line))
    .join('\n')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
}

function parseInstruction(line: string): Instruction {
  const [, keyword = '', after = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? []
  if (!known.has(keyword)) throw new TypeError(`not read: ${line}`)
  const flags: Record<string, string> = {}
  const rest = after.replace(/--([\w-]+)=(\S+)\s+/g, (whole, name, value, at) => {
    // Beyond the first word they belong to the command of RUN or HEALTHCHECK.
    if (!/^(?:--\S+\s+)*$/.test(after.slice(0, at))) return whole
    flags[name] = value
    return ''
  })
  return { keyword, flags, rest }
}

/** All of one keyword. */
export function instructionsOf({ instructions }: Stage, keyword: string): Instruction[] {
  return instructions.filter(each => each.keyword === keyword)
}

/** The one that counts: the last. @throws TypeError where there is none */
export function instructionOf(stage: Stage, keyword: string): Instruction {
  const found = instructionsOf(stage, keyword).at(-1)
  if (found === undefined) throw new TypeError(`there is no ${keyword}`)
  return found
}

/** `["node", "a.js"]` → its words. @throws where it is the form that needs a shell */
export function execForm(text: string): string[] {
  const words: unknown = JSON.parse(text)
  if (Array.isArray(words) && words.every(word => typeof word === 'string')) return words
  throw new TypeError(`not the exec form: ${text}`)
}

/** `A=1 B="two words"` → `{ A: '1', B: 'two words' }` */
export function pairs(text: string): Record<string, string> {
  const found = text.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S*))/g)
  return Object.fromEntries(Array.from(found, ([, name = '', quoted, plain = '']) => [name, quoted ?? plain]))
}

/** `${NAME}` → its value. @throws TypeError where there is none */
function expand(text: string, values: Record<string, string>): string {
  return text.replace(/\$\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name]
    if (value === undefined) throw new TypeError(`${whole} has no value`)
    return value
  })
}
