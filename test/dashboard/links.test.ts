import t from 'tap'
import { askAt, isConnection, ownPage, pageOf, partsOf } from '../../src/dashboard/links.ts'

const name = { workspace: 'eu', customer_key: 'a/b', kind: 'reservation', key: 'lakeside:48/211?x=%2F#é' }

t.test('whatever a key holds, its page leads back to it', async t => {
  t.strictSame(partsOf(pageOf.resource(name)), [
    'resources',
    name.workspace,
    name.customer_key,
    name.kind,
    name.key
  ])
  t.strictSame(partsOf(pageOf.customer(name)), ['customers', 'eu', 'a/b'])
  for (const at of ['delivery', 'connection', 'rejected', 'call', 'job'] as const) {
    t.equal(partsOf(pageOf[at]('javascript:alert(1)//../x'))?.[1], 'javascript:alert(1)//../x', at)
  }
  t.strictSame(partsOf(pageOf.overview()), [])
  t.equal(pageOf.search('a b&c'), '/dashboard/search?q=a+b%26c')
})

t.test(
  'the page of a list is narrowed by filters, and only connections of the settings have a page',
  async t => {
    t.equal(
      pageOf.list('deliveries', { connection: 'a b&c', state: 'dead' }),
      '/dashboard/deliveries?connection=a+b%26c&state=dead'
    )
    t.equal(pageOf.list('jobs'), '/dashboard/jobs')
    t.equal(pageOf.menu('jobs'), '/dashboard/jobs')
    t.equal(pageOf.menu(''), pageOf.overview())
    t.equal(pageOf.overview('#stuck'), '/dashboard/#stuck')
    t.strictSame(['lakeside', '@callers', '(unknown)'].map(isConnection), [true, false, false])
  }
)

t.test('what is asked is encoded too', async t => {
  t.equal(askAt.resource(name), '/resources/eu/a%2Fb/reservation/lakeside%3A48%2F211%3Fx%3D%252F%23%C3%A9')
  t.equal(askAt.customer(name), '/customers/eu/a%2Fb')
  const ids = [
    askAt.delivery('../x'),
    askAt.connection('../x'),
    askAt.rejected('../x'),
    askAt.attempt('../x'),
    askAt.job('../x'),
    askAt.pause('../x')
  ]
  t.ok(ids.every(each => each.endsWith('/..%2Fx')))
})

t.test('an address that is not ours, or cannot be read, is no page', async t => {
  t.equal(partsOf('/dashboards'), undefined)
  t.equal(partsOf('/dashboard/%E0%A4%A'), undefined)
  t.strictSame(partsOf('/dashboard'), [])
})

t.test('the sign-in leads to a page of ours and nowhere else', async t => {
  const first = '/dashboard/'
  t.equal(ownPage('/dashboard/deliveries?state=dead'), '/dashboard/deliveries?state=dead')
  for (const address of [
    null,
    undefined,
    '',
    'https://evil.example/dashboard/',
    '//evil.example',
    '/dashboard/\\evil',
    '/dashboard/sign-in?to=x',
    'javascript:alert(1)'
  ]) {
    t.equal(ownPage(address), first, String(address))
  }
})
