import { execFile } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Type } from '@sinclair/typebox'
import t from 'tap'
import { bookingsOf } from '../../scripts/demo/bookings.ts'
import { looseEnds } from '../../scripts/demo/report.ts'
import { faultsOf } from '../../scripts/demo/verdict.ts'
import { demo } from '../../scripts/demo.ts'
import { hospitable } from '../../src/platforms/hospitable/hospitable.ts'
import { on, type Platform, unreadable } from '../../src/platforms/platform.ts'
import { platforms as registered } from '../../src/platforms/registry.ts'
import { standard } from '../../src/platforms/standard/standard.ts'
import type { CustomerView } from '../../src/sandbox/state.ts'
import { demoConnection } from '../platforms/demo-connection.ts'

const script = join(import.meta.dirname, '../../scripts/demo.ts')
const escapeCode = '\u001b['

/** The cells of a platform's row in the table. */
function rowOf(output: string, { title }: Platform): string[] {
  const line = output.split('\n').find(each => each.startsWith(` ${title} `) && / (right|wrong)\b/.test(each))
  return (line ?? '').trim().split(/ {2,}/)
}

/** A screen that remembers. */
function screen(isTTY: boolean) {
  const shown: string[] = []
  return { isTTY, write: (text: string) => shown.push(text), text: () => shown.join('') }
}

// Whatever the demo leaves behind, it leaves here.
const temporary = t.testdir()
process.env.TMPDIR = temporary

t.test('as npm starts it, the demo ends with every platform’s verdict right', async t => {
  const { code, output } = await new Promise<{ code: unknown; output: string }>(resolve => {
    // A credential of the person at the keyboard is none of the demo's business.
    const env = { ...process.env, SEAM_API_KEY: 'seam_live_never_used', RELAY_NO_SETTING: '1' }
    execFile(process.execPath, [script], { cwd: temporary, env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, output: stdout + stderr })
    )
  })
  t.equal(code, 0, 'it says that all is well', { output })
  for (const platform of Object.values(registered)) {
    t.test(platform.title, async t => {
      const row = rowOf(output, platform)
      t.equal(row.length, 11, 'it has a row')
      t.equal(row.at(-1), '✓ right')
      const [sent = 0, doubled = 0, stored = 0, , pushes = 0, deletes = 0, failed = 0, stays, guests] = row
        .slice(1, -1)
        .map(Number)
      t.ok(doubled >= 1 && sent >= 8 + doubled, 'every act was told')
      t.ok(stored === sent || stored === sent - doubled, 'all was stored, a double at most once')
      t.ok(pushes >= 3 && deletes >= 2, 'Seam heard of it')
      t.ok(failed >= 2, 'Seam failed')
      t.strictSame([stays, guests], [1, 1], 'Grace is there and Ada is not')
    })
  }
  t.match(output, `${Object.keys(registered).length} of ${Object.keys(registered).length} right`)
  t.notMatch(output, escapeCode, 'no colours without a terminal')
  t.strictSame(
    output.split('\n').filter(line => line.length > 100),
    [],
    'it fits 100 columns'
  )
  t.strictSame(readdirSync(temporary), [], 'nothing is left behind')
})

t.test('platforms whose translators fail are found out, and the others stay right', async t => {
  const failing = on(Type.Unknown(), () => {
    throw unreadable('a translator gone wrong')
  })
  // One never hears of changes and cancellations, the other of nothing at all.
  const broken = {
    hospitable: { ...hospitable, events: { ...hospitable.events, 'reservation.changed': failing } },
    standard: {
      ...standard,
      events: Object.fromEntries(Object.keys(standard.events).map(type => [type, failing]))
    }
  }
  const out = screen(true)
  t.equal(await demo({ platforms: { ...registered, ...broken }, out, env: {} }), 1)
  t.ok(out.text().includes(`${escapeCode}31m✗ wrong`), 'in red, on a terminal')
  const plain = out.text().replaceAll(/.\[\d+m/g, '')
  for (const platform of Object.values(registered)) {
    const verdict = Object.hasOwn(broken, platform.name) ? '✗ wrong' : '✓ right'
    t.equal(rowOf(plain, platform).at(-1), verdict, platform.title)
  }
  t.match(plain, /Hospitable: demo-hospitable:\S+ is at Seam, and no such stay is booked/)
  t.match(plain, 'Hospitable: webhooks without a good end: 6')
  t.match(plain, /Standard: demo-standard:\S+ is booked, and not at Seam/)
  const [folder = ''] = readdirSync(temporary)
  t.ok(plain.includes(join(temporary, folder)), 'store and log are kept, and named')
  rmSync(join(temporary, folder), { recursive: true })
})

t.test('a webhook that the relay does not take ends the demo at once', async t => {
  const verify = () => ({ ok: false, cause: 'signature_wrong' }) as const
  const strict = { ...hospitable, verification: { ...hospitable.verification, verify } }
  const play = demo({ platforms: { ...registered, hospitable: strict }, out: screen(false), env: {} })
  await t.rejects(play, { message: 'the relay answered 401 to a webhook of Hospitable' })
  for (const folder of readdirSync(temporary)) rmSync(join(temporary, folder), { recursive: true })
})

t.test('a connections file that is no longer the demo’s is refused before anything is opened', async t => {
  const connection = (platform: string, more: string) => `
  - id: quay
    platform: ${platform}
    customer_key: quay
    ${more}
    secrets: { signing_secret: whsec_${Buffer.from('a secret of this test, long enough').toString('base64')} }`
  const files = t.testdir({
    real: `workspaces: [{ id: eu, api_key: seam_test_eu }]\nconnections:${connection('standard', 'workspace: eu')}`,
    lacking: `connections:${connection('standard', '')}`,
    reading: `connections:${connection('hospitable', 'api: { token: t }')}`
  })
  const refusal = async (file: string, platforms: Record<string, Platform>) => {
    const out = screen(false)
    t.equal(await demo({ platforms, out, env: {}, connectionsFile: join(files, file) }), 1)
    return out.text()
  }
  t.match(await refusal('real', { standard }), 'it names a Seam workspace')
  t.match(await refusal('lacking', { standard, hospitable }), 'it has no connection of Hospitable')
  t.match(await refusal('reading', { hospitable }), 'quay reads from Hospitable itself')
  t.strictSame(readdirSync(temporary), [])
})

t.test('the verdict', async t => {
  const connection = demoConnection(standard, { id: 'quay' })
  const { ada, grace } = bookingsOf('quay', 0, Date.UTC(2027, 0, 10, 12))
  const guest = { guest_key: 'quay:g2', name: 'Grace Hopper', email_address: 'grace@quay.example.com' }
  const stay = {
    reservation_key: 'quay:b2_r1',
    guest_key: 'quay:g2',
    space_keys: ['quay:103'],
    starts_at: '2027-02-19T14:00:00Z',
    ends_at: '2027-02-23T10:00:00Z'
  }
  const adasStay = { ...stay, reservation_key: 'quay:b1_r1' }
  const faults = (
    reservations: object[],
    guests: object[] = [guest],
    access: 'granted' | 'skipped' = 'granted'
  ) => {
    const keys = reservations.map(each => ('reservation_key' in each ? String(each.reservation_key) : ''))
    const held: CustomerView = {
      customer_key: 'quay',
      resources: { reservations, guests },
      stays: keys.map(key => ({ list: 'reservations', key, access }))
    }
    return faultsOf({ platform: standard, connection, truth: [ada.cancelled, grace.booked], held })
  }

  t.test('finds nothing where Seam holds what is true', async t => t.strictSame(faults([stay]), []))
  t.test('misses a stay that is booked', async t =>
    t.strictSame(faults([], []), ['quay:b2_r1 is booked, and not at Seam'])
  )
  t.test('finds the stay of a booking that is cancelled', async t =>
    t.strictSame(faults([stay, adasStay]), ['quay:b1_r1 is at Seam, and no such stay is booked'])
  )
  t.test('finds a guest whom nobody needs', async t =>
    t.strictSame(faults([stay], [guest, { guest_key: 'quay:g1' }]), [
      'quay:g1 is at Seam, and no stay needs this guest'
    ])
  )
  t.test('compares instants, room, guest and access', async t => {
    const off = { ...stay, starts_at: '2027-02-19T15:00:00Z', ends_at: null, space_keys: ['quay:101'] }
    t.strictSame(faults([off], [], 'skipped'), [
      'quay:b2_r1 starts at another instant',
      'quay:b2_r1 ends at another instant',
      'quay:b2_r1 is in another room',
      'quay:b2_r1 is somebody else’s',
      'quay:b2_r1 opens no door'
    ])
  })
  t.test('is not right while webhooks or failed calls are left over', async t => {
    t.strictSame(looseEnds({ unfinished: 0, failed: 3, repeated: 3 }), [])
    t.strictSame(looseEnds({ unfinished: 1, failed: 3, repeated: 2 }), [
      'webhooks without a good end: 1',
      'failed calls that were not made good: 1'
    ])
  })
})
