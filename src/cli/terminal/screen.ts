import { styleText } from 'node:util'
import type { Terminal } from '../cli.ts'

/** What a text tells, as far as a colour can help. */
export type Tone = 'good' | 'bad' | 'warn' | 'dim' | 'strong'

/** Where lines for people go. */
export interface Screen {
  /** Cells of a line; undefined where nobody looks, and nothing is cut. */
  width: number | undefined
  paint(text: string, tone: Tone | undefined): string
}

const styles = {
  good: 'green',
  bad: 'red',
  warn: 'yellow',
  dim: 'dim',
  strong: 'bold'
} as const satisfies Record<Tone, Parameters<typeof styleText>[0]>

const ORDINARY_WIDTH = 80

/** Colours only on a terminal, and not where NO_COLOR is set (no-color.org). */
export function screenOf({ env, out }: Pick<Terminal, 'env' | 'out'>): Screen {
  const isTerminal = out.isTTY === true
  const hasColours = isTerminal && !env.NO_COLOR && env.TERM !== 'dumb'
  return {
    width: isTerminal ? out.columns || ORDINARY_WIDTH : undefined,
    paint: (text, tone) =>
      tone === undefined || !hasColours ? text : styleText(styles[tone], text, { validateStream: false })
  }
}
