import { prefixed } from '../../src/desired/keys.ts'
import type { FailRule } from '../../src/sandbox/behaviour.ts'
import type { Account } from './account.ts'
import { hasFailed } from './sandbox.ts'
import type { Stage } from './stage.ts'

export interface Act {
  /** What the audience is told while it is played; one short line. */
  says: string
  play(stage: Stage): Promise<void>
}

/** Two guests at every platform: Ada, who changes her mind and cancels, and Grace, who comes. */
export const story: Act[] = [
  {
    says: 'Ada books.',
    async play(stage) {
      await everywhere(stage, async account =>
        account.send(await account.happens(account.bookings.ada.booked))
      )
      await stage.settled()
    }
  },
  {
    says: 'She changes her dates twice; the second change arrives before the first.',
    async play(stage) {
      await everywhere(stage, async account => {
        const { later, muchLater } = account.bookings.ada
        const first = await account.happens(later)
        const second = await account.happens(muchLater)
        await account.send(second)
        await account.send(first)
      })
      await stage.settled()
    }
  },
  {
    says: 'Grace books; each webhook comes twice. Seam answers 429, then 500.',
    async play(stage) {
      const { accounts, sandbox } = stage
      const before = (await sandbox.calls()).length
      await sandbox.misbehave({ fail: [tooManyRequests, ...accounts.map(failsOnce)] })
      await everywhere(stage, async account =>
        account.sendTwice(await account.happens(account.bookings.grace.booked))
      )
      await stage.translated()
      await stage.until(async () => (await sandbox.calls()).slice(before).some(hasFailed))
    }
  },
  {
    says: 'Meanwhile Ada gets another room, then asks to come later. Seam recovers.',
    async play(stage) {
      for (const step of ['otherRoom', 'lateCheckIn'] as const) {
        await everywhere(stage, async account =>
          account.send(await account.happens(account.bookings.ada[step]))
        )
        await stage.translated()
      }
      await stage.settled()
    }
  },
  {
    says: 'Ada cancels. Seam removes her stay; the connection drops before it says so.',
    async play(stage) {
      await stage.sandbox.misbehave({ fail: stage.accounts.flatMap(dropsOnce) })
      await everywhere(stage, async account =>
        account.send(await account.happens(account.bookings.ada.cancelled))
      )
      await stage.settled()
    }
  },
  {
    says: 'Late and under new ids, her last change is told again. It must do nothing.',
    async play(stage) {
      await everywhere(stage, async account => {
        const { otherRoom, lateCheckIn } = account.bookings.ada
        await account.send(account.tells(otherRoom, lateCheckIn))
      })
      await stage.settled()
    }
  }
]

/** Platforms do not wait for each other. */
async function everywhere({ accounts }: Stage, play: (account: Account) => Promise<void>): Promise<void> {
  await Promise.all(accounts.map(play))
}

/** To whoever calls first; the whole workspace has to wait. */
const tooManyRequests: FailRule = { status: 429, retry_after_s: 1, times: 1 }

function failsOnce({ connection }: Account): FailRule {
  return { operation: 'push_data', when_key: connection.customerKey, status: 500, times: 1 }
}

/** Seam takes Ada's stay away, and nobody hears that it did. */
function dropsOnce({ platform, connection, bookings }: Account): FailRule[] {
  return platform.samples.ids(bookings.ada.lateCheckIn).stays.map(({ id }) => ({
    operation: 'delete_data',
    when_key: prefixed(connection, id),
    reset_after: true,
    times: 1
  }))
}
