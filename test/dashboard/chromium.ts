import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import type { Test } from 'tap'
import { chromium as tool, toolPath } from '../tools.ts'

/** Nothing of its own goes out, and nothing is asked of the machine that a container may not have. */
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

/** A machine that is busy with other tests takes this long for what is at once otherwise. */
const PATIENCE_MS = 20_000

export interface Visitor {
  page: Page
  context: BrowserContext
  /** What went wrong in the page without anybody seeing it: errors, and requests that left the origin. */
  trouble: string[]
}

export interface Chromium {
  /** Somebody with a browser of their own: no cookies, nothing kept. */
  visitor(options?: BrowserContextOptions): Promise<Visitor>
}

/** One browser for all visitors of a test. */
export async function openChromium(t: Pick<Test, 'teardown'>, origin: string): Promise<Chromium> {
  const home = mkdtempSync(join(tmpdir(), 'seam-relay-chromium-'))
  const browser = await chromium.launch({
    executablePath: toolPath(tool),
    args: quiet,
    env: { ...process.env, HOME: home }
  })
  t.teardown(async () => {
    await browser.close()
    rmSync(home, { recursive: true, force: true, maxRetries: 3 })
  })

  return {
    async visitor(options = {}) {
      const context = await browser.newContext({ baseURL: origin, locale: 'en-GB', ...options })
      context.setDefaultTimeout(PATIENCE_MS)
      const page = await context.newPage()
      const trouble: string[] = []
      page.on('console', message => {
        if (['error', 'warning'].includes(message.type())) trouble.push(`console: ${message.text()}`)
      })
      page.on('pageerror', error => trouble.push(`error: ${error.message}`))
      page.on('dialog', dialog => {
        trouble.push(`dialog: ${dialog.message()}`)
        void dialog.dismiss()
      })
      page.on('request', request => {
        const { origin: to, protocol } = new URL(request.url())
        if (to !== origin && protocol !== 'data:') trouble.push(`request to ${request.url()}`)
      })
      return { page, context, trouble }
    }
  }
}

/** What stands in somebody's way on the page as it is now, in a line each; see axe-core. @param rules all unless given */
export async function obstacles(page: Page, rules?: string[]): Promise<string[]> {
  // Half a megabyte, once for each page.
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(axe.source)
  const violations = await page.evaluate(
    async only => {
      const { axe: inPage } = globalThis as unknown as { axe: typeof axe }
      return (await inPage.run({ resultTypes: ['violations'], ...only })).violations
    },
    rules === undefined ? {} : { runOnly: { type: 'rule' as const, values: rules } }
  )
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`))
}
