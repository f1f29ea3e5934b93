import { writeFileSync } from 'node:fs'
import t from 'tap'
import { operatorOverStore } from '../../src/cli/operator/store.ts'
import { platforms } from '../../src/platforms/registry.ts'
import { booking } from '../operate/operator.ts'
import { eventually } from '../run-relay.ts'
import { CONNECTION, openOperated, TOKEN, tell } from './operated.ts'
import { running } from './operator-terminal.ts'
import { run } from './terminal.ts'

const relay = await openOperated(t)
const { env, origin, folder } = relay

t.test(
  'what happens is told as it does, over the store and over HTTP, until somebody has seen enough',
  async t => {
    const tails = [
      running(['tail'], { env, columns: 100 }),
      running(['tail', '--json', '--url', origin, '--connection', CONNECTION], { env })
    ]
    const watched = running(['status', '--watch'], { env, columns: 100 })
    // Both have begun once they tell something: what came before they looked is no news.
    let serial = 0
    for (const { terminal } of tails) {
      await eventually(async () => {
        serial += 1
        await tell(relay, { ...booking, id: `t${serial}` })
        return /translated/.test(terminal.written.out) ? true : undefined
      }, 'the first line')
    }
    await tell(relay, booking, { body: '{' })
    await tell(relay, booking, { secret: 'wrong-wrong-wrong' })
    const [people, programs] = tails.map(each => each.terminal)
    await people?.until(/dead {6}.*demo-hospitable/)
    await people?.until(/rejected .*signature_wrong/)
    await people?.until(/200 .*lake {2}push_data {2}in \d+ ms/)
    await programs?.until(/^\{"event":"rejected",.*\}$/m)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal gets colours, and is drawn anew
    await watched.terminal.until(/\u001b\[H\u001b\[J.*Stuck\?/s)
    for (const { terminal, ended } of [...tails, watched]) {
      terminal.signal()
      t.equal(await ended, 0)
    }
  }
)

t.test('what cannot be asked is said in a sentence, and no token is shown', async t => {
  const bare = Object.fromEntries(Object.entries(env).filter(([name]) => name !== 'RELAY_ADMIN_TOKEN'))
  writeFileSync(`${folder}/token`, `${TOKEN}\n`)
  writeFileSync(`${folder}/wrong`, 'not the token of this relay')
  t.match(await run(['dead', '--url', origin, '--token-file', `${folder}/token`], bare), {
    code: 0,
    err: ''
  })
  const refused: [string[], Record<string, string>, number, RegExp][] = [
    [['--url', origin], { ...bare, RELAY_ADMIN_TOKEN: 'wrong-wrong-wrong' }, 1, /Send Authorization: Bearer/],
    [['--url', origin], bare, 2, /a token is needed: set RELAY_ADMIN_TOKEN/],
    [
      ['--url', origin],
      { ...bare, RELAY_ADMIN_TOKEN_FILE: '/none' },
      2,
      /RELAY_ADMIN_TOKEN_FILE cannot be read/
    ],
    [['--url', origin, '--token-file', '/none'], bare, 2, /--token-file cannot be read \(ENOENT\)/],
    [['--url', origin, '--token-file', `${folder}/wrong`], bare, 2, /without white space/],
    [['--token-file', '/none'], env, 2, /--token-file goes with --url/],
    [['--url', 'ftp://x'], env, 2, /--url must be the origin/],
    [['--url', 'https://me:hunter2@x'], env, 2, /--url must be the origin/],
    [['--url', 'http://127.0.0.1:1'], env, 1, /nothing answers at http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)/],
    [['--url', `${origin}/livez`], env, 1, /There is nothing at this address/],
    [[], { ...env, DATABASE_URL: `file:${folder}/none.db` }, 2, /there is no store at file:.*none\.db/],
    [[], { ...env, PORT: 'none' }, 78, /PORT/]
  ]
  for (const [args, settings, code, message] of refused) {
    const ran = await run(['dead', ...args], settings)
    t.match(ran, { code, out: '', err: message })
    t.notMatch(ran.err, /hunter2|wrong-wrong|not the token/)
  }
  t.match(await run(['tail', '--url', origin], { ...bare, RELAY_ADMIN_TOKEN: 'wrong-wrong-wrong' }), {
    code: 1
  })
  t.match(await run(['tail', '--url', 'http://127.0.0.1:1'], env), { code: 1 })
  t.match(await run(['tail', '--connection', 'a\0b'], env), { code: 2, err: /connection: must match/ })
  t.match(await run(['deliveries', '--since', 'yesterday'], env), { code: 2, err: /2h or 3d/ })
})

t.test('what the relay refuses to tell as it happens is refused over the store too', async t => {
  const desk = await operatorOverStore({ env: env, platforms, err: process.stderr })
  await t.rejects(desk.listen('/tail', { query: { connection: 'a\0b' } }), {
    code: 'RELAY_BAD_REQUEST',
    message: /connection: must match/
  })
  await desk.close()
})
