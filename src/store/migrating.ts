import { RelayError } from '../errors.ts'
import { type Migration, migrations } from './migrations.ts'

/** A row of the table of migrations that were made. */
export interface Made {
  name: string
  /** 1 where a release that does not know the migration cannot work with what it leaves. */
  contracts?: number
}

export function missingFrom(made: Made[]): Migration[] {
  const names = new Set(made.map(each => each.name))
  return migrations.filter(migration => !names.has(migration.name))
}

/**
 * Stands among the migrations of a store while a copy into it has not come to its end. It says of itself that it contracts,
 * so that releases which do not know it refuse the store too.
 */
export const UNFINISHED_COPY = 'unfinished-copy'

/** @throws RelayError RELAY_CONFIG_INVALID for what a copy has not finished */
export function refuseUnfinished(made: Made[]): void {
  if (!made.some(each => each.name === UNFINISHED_COPY)) return
  throw new RelayError(
    'RELAY_CONFIG_INVALID',
    'a copy into this store is under way or was broken off, so that it is not whole; let "seam-relay store copy" come to its end, or run it into this store again, which begins anew'
  )
}

/** What only a newer release knows. */
export function newerAmong(made: Made[]): Made[] {
  const known = new Set([UNFINISHED_COPY, ...migrations.map(each => each.name)])
  return made.filter(each => !known.has(each.name))
}

/**
 * @param alone whether what a copy has not finished may be opened, by the next copy
 * @throws RelayError RELAY_CONFIG_INVALID where a newer release has left a schema that this one cannot work with
 */
export function refuseNewer(made: Made[], alone = false): void {
  if (!alone) refuseUnfinished(made)
  const beyond = newerAmong(made).filter(each => each.contracts === 1)
  if (beyond.length === 0) return
  throw new RelayError(
    'RELAY_CONFIG_INVALID',
    `a newer release has brought the store to ${beyond.map(each => each.name).join(', ')}, and this one cannot work with that; start the newer one`
  )
}

/** @throws RelayError RELAY_CONFIG_INVALID where something is missing */
export function refuseOlder(missing: Migration[]): void {
  if (missing.length === 0) return
  throw new RelayError(
    'RELAY_CONFIG_INVALID',
    `${OLDER} ${missing.map(each => each.name).join(', ')}; run "seam-relay migrate", or set RELAY_MIGRATE to start`
  )
}

const OLDER = 'the store lacks'

/** Whether this is what {@link refuseOlder} throws; by its words, as it may come from the store's thread. */
export function isOlder(error: unknown): boolean {
  return error instanceof RelayError && error.message.startsWith(OLDER)
}
