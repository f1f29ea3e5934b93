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

/** @throws RelayError RELAY_CONFIG_INVALID where a newer release has left a schema that this one cannot work with */
export function refuseNewer(made: Made[]): void {
  const known = new Set(migrations.map(each => each.name))
  const beyond = made.filter(each => each.contracts === 1 && !known.has(each.name))
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
    `the store lacks ${missing.map(each => each.name).join(', ')}; run "seam-relay migrate", or set RELAY_MIGRATE to start`
  )
}
