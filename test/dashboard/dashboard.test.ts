import { mkdirSync } from 'node:fs'
import type { BrowserContextOptions, Page } from 'playwright-core'
import t from 'tap'
import { ask, booking, TOKEN, tell } from '../operate/operator.ts'
import { eventually } from '../run-relay.ts'
import { obstacles, openChromium, type Visitor } from './chromium.ts'
import { HOSTILE, openDashboard } from './open-dashboard.ts'

/** Where to put pictures of the pages, for somebody who wants to look at them. */
const pictures = process.env.DASHBOARD_PICTURES

const { relay, filled } = await openDashboard(t)
const browser = await openChromium(t, relay.origin)
const pathOf = (...parts: string[]) => `/dashboard/${parts.map(encodeURIComponent).join('/')}`
const newestOf = async (list: string) => String((await ask(relay, `/${list}?limit=1`)).body.data[0].id)
const stayPath = pathOf('resources', 'default', 'demo-hospitable', 'reservation', filled.stay)

/** Every page there is, as far as it has an address of its own. */
const pages: Record<string, string> = {
  overview: '/dashboard',
  search: '/dashboard/search',
  found: '/dashboard/search?q=mallory%40example.com',
  resources: '/dashboard/resources',
  stay: stayPath,
  deliveries: '/dashboard/deliveries',
  delivery: pathOf('deliveries', filled.hostile),
  tail: '/dashboard/tail',
  'dead-letters': '/dashboard/dead-letters',
  rejected: '/dashboard/rejected',
  rejection: pathOf('rejected', await newestOf('rejected')),
  calls: '/dashboard/calls',
  call: pathOf('calls', await newestOf('attempts')),
  connections: '/dashboard/connections',
  connection: pathOf('connections', 'demo-hospitable'),
  customers: '/dashboard/customers',
  customer: pathOf('customers', 'default', 'demo-hospitable'),
  replay: '/dashboard/replay',
  jobs: '/dashboard/jobs',
  audit: '/dashboard/audit',
  missing: '/dashboard/nowhere'
}

const phone = { width: 390, height: 844 }

async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return
  mkdirSync(pictures, { recursive: true })
  await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true })
}

/** What may be worse where there is little room. */
const onSmallScreens = [
  'target-size',
  'scrollable-region-focusable',
  'aria-hidden-focus',
  'button-name',
  'link-name'
]
const surplus = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'

/** The page has been told everything that it asked for. */
async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.locator('[aria-busy=true], .skeleton').first().waitFor({ state: 'hidden' })
}

async function signIn({ page }: Visitor, token: string): Promise<void> {
  await page.getByLabel('Token').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Somebody who has signed in already. */
async function operator(options: BrowserContextOptions = {}): Promise<Visitor> {
  const visitor = await browser.visitor(options)
  const reply = await visitor.context.request.post('/dashboard/session', { data: { token: TOKEN } })
  if (reply.status() !== 204) throw new Error(await reply.text())
  return visitor
}

t.test('whoever is not known signs in, and goes on where they wanted to be', async t => {
  const visitor = await browser.visitor()
  const { page, trouble, context } = visitor
  await page.goto('/dashboard/dead-letters')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  t.strictSame(await obstacles(page), [])
  await picture(page, 'sign-in')
  t.strictSame(trouble.splice(0), [], 'nothing is wrong before anybody has done anything')

  await signIn(visitor, 'a-token-that-is-wrong')
  await page.getByRole('alert').getByText('does not know this token').waitFor()
  t.strictSame(await obstacles(page), [])
  t.match(trouble.splice(0), [/401/], 'the browser notes a refusal by itself, and there is nothing more')

  await signIn(visitor, TOKEN)
  await page.getByRole('heading', { name: 'Dead letters', level: 1 }).waitFor()
  const [cookie] = await context.cookies()
  t.match(cookie, { name: 'relay_session', httpOnly: true, sameSite: 'Strict' })
  t.equal(await page.evaluate('document.cookie'), '', 'no script can read it')
  t.strictSame(await page.evaluate('[localStorage.length, sessionStorage.length]'), [0, 0])

  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  t.strictSame(await context.cookies(), [])
  t.strictSame(trouble, [])
  await context.close()
})

t.test('no page stands in anybody’s way: by day, in the dark, on a phone', async t => {
  const { page, trouble, context } = await operator()
  const { width, height } = page.viewportSize() ?? phone
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(path)
    await settled(page)
    t.strictSame(await obstacles(page), [], name)
    await picture(page, `${name}-light`)
    await page.emulateMedia({ colorScheme: 'dark' })
    t.strictSame(await obstacles(page, ['color-contrast']), [], `${name}, in the dark`)
    await picture(page, `${name}-dark`)
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize(phone)
    t.strictSame(await obstacles(page, onSmallScreens), [], `${name}, on a phone`)
    t.ok(Number(await page.evaluate(surplus)) <= 0, `${name} is no wider than a phone`)
    await picture(page, `${name}-phone`)
    await page.setViewportSize({ width, height })
  }
  t.strictSame(trouble, [])
  await context.close()
})

t.test('at night: a booking is found, and its life tells what happened', async t => {
  const { page, trouble, context } = await operator()
  await page.goto('/dashboard')
  await page.getByRole('heading', { level: 1 }).waitFor()
  // By the keyboard alone.
  await page.keyboard.press('/')
  await page.keyboard.type(filled.booking)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: `Found for “${filled.booking}”`, level: 1 }).waitFor()
  const link = page.getByRole('row').filter({ hasText: filled.stay }).getByRole('link').first()
  await link.waitFor()
  await link.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Its history' }).waitFor()
  const life = page.getByRole('region', { name: /Its history/ })
  await life.getByText('Came too late', { exact: true }).waitFor()
  const steps = await life.getByRole('listitem').allInnerTexts()
  t.match(
    steps.map(step => step.replace(/\s+/g, ' ')),
    [
      /reservation\.created.*Changed it/,
      /Pushed to Seam.*200/,
      /reservation\.changed.*Changed it/,
      /Pushed to Seam.*500/,
      /reservation\.created.*Came too late/,
      /Pushed to Seam.*200/
    ]
  )
  t.notMatch(await page.locator('body').innerText(), /Lovelace|ada@example\.com/, 'people are masked')
  await life.getByText('What it said, and its raw request').nth(1).click()
  await life.getByText('Compared with the webhook before it').waitFor()
  await life.getByRole('heading', { name: 'Verification' }).waitFor()
  t.strictSame(await obstacles(page), [])
  await picture(page, 'life')

  await page.getByRole('button', { name: /Reveal people/ }).click()
  await page.getByRole('button', { name: /Mask people/ }).waitFor()
  await life.getByText('What it said, and its raw request').nth(1).click()
  await life.getByRole('region', { name: 'Body as it came' }).getByText('Lovelace').waitFor()
  t.match((await ask(relay, '/audit')).body.data, [{ action: 'reveal' }], 'and who looked is written down')
  t.strictSame(trouble, [])
  await context.close()
})

t.test('a dead letter is revived: on a phone, in the dark', async t => {
  const { page, trouble, context } = await operator({
    viewport: phone,
    isMobile: true,
    hasTouch: true,
    colorScheme: 'dark'
  })
  await page.goto('/dashboard/dead-letters')
  const row = page.getByRole('row').filter({ hasText: 'adapter of that time' })
  await row.getByRole('button', { name: 'Revive' }).click()
  const dialog = page.getByRole('dialog')
  t.strictSame(await obstacles(page), [])
  await picture(page, 'revive')
  await dialog.getByRole('button', { name: 'Revive' }).click()
  await page.getByRole('region', { name: 'The revival that was started' }).getByText('Done').first().waitFor()
  await row.waitFor({ state: 'detached' })
  t.match((await ask(relay, `/deliveries/${filled.dead}`)).body, { state: 'translated' })
  t.match((await ask(relay, '/audit')).body.data[0], { action: 'revive', actor: 'env-admin' })
  t.strictSame(trouble, [])
  await context.close()
})

t.test('a replay is planned before it is run', async t => {
  const { page, trouble, context } = await operator()
  await page.goto(`/dashboard/replay?booking=${filled.booking}`)
  await page.getByRole('button', { name: 'Make a plan' }).click()
  await page.getByRole('heading', { name: 'The plan' }).waitFor()
  const plan = page.getByRole('region', { name: 'The plan' })
  t.match(await plan.innerText(), /Nothing would change at Seam/)
  t.strictSame(await obstacles(page), [])
  await picture(page, 'plan')
  await plan.getByRole('button', { name: /Start the replay/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Start the replay' }).click()
  await page.getByRole('region', { name: 'The replay that was started' }).getByText('Done').first().waitFor()
  t.match(new URL(page.url()).search, /job=/, 'it can be looked at again by its address')
  await page.goto(pathOf('jobs', await newestOf('jobs')))
  await settled(page)
  t.strictSame(await obstacles(page), [])
  await picture(page, 'job')
  t.match((await ask(relay, '/audit')).body.data[0], { action: 'replay' })
  t.strictSame(trouble, [])
  await context.close()
})

t.test('whatever somebody outside has written does nothing in a page', async t => {
  const { page, trouble, context } = await operator()
  await page.goto('/dashboard/search?q=mallory%40example.com')
  await page.getByRole('button', { name: /Reveal people/ }).click()
  await page.getByText(HOSTILE).first().waitFor()
  t.equal(await page.locator('main img, main script, main iframe').count(), 0)
  await page.getByRole('link', { name: HOSTILE }).first().click()
  await settled(page)
  await page.getByRole('button', { name: /Reveal people/ }).click()
  await page.getByRole('heading', { name: HOSTILE, level: 1 }).waitFor()
  t.equal(await page.title(), `${HOSTILE} · Seam Relay`, 'a text, and nothing more')

  const [rejected] = (await ask(relay, '/rejected')).body.data
  for (const path of [pathOf('deliveries', filled.hostile), pathOf('rejected', rejected.id)]) {
    await page.goto(path)
    await settled(page)
    await page.getByRole('button', { name: /Reveal people/ }).click()
    await page.getByRole('region', { name: 'Body as it came' }).getByText('onerror').first().waitFor()
    t.equal(await page.locator('main img, main script, main iframe').count(), 0, path)
    t.notMatch(await page.title(), /owned/)
  }
  for (const q of [HOSTILE, 'javascript:alert(1)', '../../api/v1/me']) {
    await page.goto(`/dashboard/search?${new URLSearchParams({ q })}`)
    await settled(page)
    t.equal(await page.locator('main img, main script').count(), 0, q)
  }
  await page.goto(`/dashboard/sign-in?${new URLSearchParams({ to: '//evil.example/dashboard' })}`)
  await settled(page)
  t.equal(new URL(page.url()).origin, relay.origin, 'nor does the address lead elsewhere')
  t.strictSame(trouble, [])
  await context.close()
})

t.test('what happens is seen as it happens', async t => {
  const { page, trouble, context } = await operator()
  await page.goto('/dashboard/tail')
  await page.getByText('Listening').waitFor()
  await relay.post('/webhooks/hospitable/demo-hospitable', { body: HOSTILE })
  await page.getByRole('link', { name: 'Rejected request' }).waitFor()
  t.strictSame(await obstacles(page), [])
  await picture(page, 'tail-with-news')
  t.strictSame(trouble, [])
  await context.close()
})

t.test('a backlog is told with how fast it becomes less', async t => {
  const { page, trouble, context } = await operator({ colorScheme: 'dark' })
  const now = Date.now()
  const at = (ms: number) => new Date(ms).toISOString()
  // There is none that would stay as it is for as long as it is looked at.
  const told = { ...(await ask(relay, '/backlog')).body, at: at(now) }
  told.translate = { due: 12_000, scheduled: 0, due_since: at(now - 190_000), stuck: true }
  told.drain = { per_second: 42, arriving_per_second: 2, estimated_end_at: at(now + 300_000) }
  await page.route('**/api/v1/backlog', route => route.fulfill({ json: told }))
  const due = page.getByRole('link', { name: /Deliveries due/ })
  await page.goto('/dashboard')
  await due.getByText(/42 a second done, about 5 min left/).waitFor()
  await settled(page)
  t.strictSame(await obstacles(page), [])
  await picture(page, 'backlog')

  told.drain = { per_second: 0.5, arriving_per_second: 2, estimated_end_at: null }
  await page.reload()
  await due.getByText(/0\.5 a second done, not becoming less/).waitFor()
  t.strictSame(trouble, [])
  await context.close()
})

t.test('why a stay is not at Seam is told on its own page', async t => {
  const { page, trouble, context } = await operator({ colorScheme: 'dark' })
  await relay.misbehave({ fail: [{ times: 1_000, status: 401 }] })
  await tell(relay, { ...booking, id: '40192', updatedAt: Date.now() })
  await page.goto(stayPath)
  const notice = page.locator('.notice').filter({ hasText: 'Nothing is sent to workspace default' })
  await eventually(async () => {
    await page.reload()
    await settled(page)
    return (await notice.count()) > 0 ? true : undefined
  }, 'what stands in the way')
  await notice.getByText(/Seam push_data.*Correct its key or its endpoint in the settings/).waitFor()
  await notice.getByText('It is tried again').waitFor()
  t.strictSame(await obstacles(page), [])
  await picture(page, 'stopped')

  await page.goto(pages.customer ?? '')
  await notice.waitFor()
  t.strictSame(trouble, [])
  await context.close()
})
