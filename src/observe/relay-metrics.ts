import { RelayError } from '../errors.ts'
import type { Operation } from '../model/call.ts'
import type { CommitMade } from '../store/store.ts'
import { metersOf } from './meters.ts'
import type { LabelsOf } from './metrics.ts'
import { processMetrics } from './process-metrics.ts'
import { type StoreGaugesOptions, storeGauges } from './store-gauges.ts'

type Outcome<Name extends 'relay_requests_total' | 'relay_translations_total'> = LabelsOf<Name>['outcome']

export interface Described extends Omit<StoreGaugesOptions, 'connections' | 'workspaces'> {
  version: string
  connections: { id: string; platform: string; workspaceId: string }[]
  workspaces: { id: string }[]
}

/** What the rooms are given, each the few words that it needs; see the options of the rooms. */
export type RelayMetrics = ReturnType<typeof relayMetrics>

/** For whoever is not in the settings: names that strangers make up have no end. */
const UNKNOWN = '(unknown)'

const readingsThatFailed: Partial<Record<string, 'unavailable' | 'unauthorized' | 'refused'>> = {
  RELAY_PLATFORM_UNAVAILABLE: 'unavailable',
  RELAY_PLATFORM_UNAUTHORIZED: 'unauthorized',
  RELAY_PLATFORM_REFUSED: 'refused'
}

/** The metrics of one relay. One that was made for a store before its relay was is told of that with `describe`. */
export function relayMetrics() {
  const meters = metersOf()
  const { count, observe, set } = meters
  const platforms = new Map<string, string>()
  let readStore: () => Promise<boolean> = async () => false

  const platformOf = (connectionId: string) => platforms.get(connectionId) ?? UNKNOWN
  const counted = (platform: string, outcome: Outcome<'relay_requests_total'>, by?: number) =>
    count('relay_requests_total', { platform, outcome }, by)

  return {
    describe({ version, connections, workspaces, ...store }: Described): void {
      set('relay_build_info', { version }, 1)
      for (const { id, platform, workspaceId } of connections) {
        platforms.set(id, platform)
        set('relay_connection_info', { connection: id, platform, workspace: workspaceId }, 1)
        for (const outcome of ['accepted', 'rejected', 'failed'] as const) counted(platform, outcome, 0)
        for (const outcome of ['dead', 'held'] as const)
          count('relay_translations_total', { platform, outcome }, 0)
        count('relay_hydrations_total', { platform, outcome: 'unauthorized' }, 0)
      }
      const ids = (list: { id: string }[]) => list.map(each => each.id)
      readStore = storeGauges(meters, {
        ...store,
        connections: ids(connections),
        workspaces: ids(workspaces)
      })
    },

    committed({ commits, seconds, failed }: CommitMade): void {
      observe('relay_commit_batch_size', {}, commits)
      observe('relay_commit_duration_seconds', {}, seconds)
      if (failed) count('relay_commits_failed_total', {})
    },

    ingest: {
      taken: (platform: string, duplicate: boolean) =>
        counted(platform, duplicate ? 'duplicate' : 'accepted'),
      turnedAway: (platform: string | undefined, why: 'busy' | 'overloaded' | 'failed') =>
        counted(platform ?? UNKNOWN, why),
      acknowledged: (ms: number) => observe('relay_ack_duration_seconds', {}, ms / 1000)
    },

    rejected(connectionId: string, cause: LabelsOf<'relay_requests_rejected_total'>['cause']): void {
      counted(platformOf(connectionId), 'rejected')
      count('relay_requests_rejected_total', { connection: connectionId, cause })
    },

    apiAnswered(route: string, status: number): void {
      count('relay_api_requests_total', { route, status: statusClass(status) })
    },

    translate: {
      ended: (platform: string, outcome: Outcome<'relay_translations_total'>) =>
        count('relay_translations_total', { platform, outcome }),
      leaseLost: () => count('relay_leases_lost_total', { stage: 'translate' })
    },

    /** @param error what came in the place of an answer */
    platformAsked(connectionId: string, error: unknown): void {
      const code = error instanceof RelayError ? error.code : ''
      const outcome = error === undefined ? 'answered' : (readingsThatFailed[code] ?? 'failed')
      count('relay_hydrations_total', { platform: platformOf(connectionId), outcome })
    },

    changed(outcomes: LabelsOf<'relay_changes_total'>['outcome'][]): void {
      for (const outcome of outcomes) count('relay_changes_total', { outcome })
    },

    sync: {
      called(workspace: string, operation: Operation, status: number | undefined, ms: number): void {
        const answer = { operation, status: statusClass(status) }
        count('relay_seam_calls_total', { workspace, ...answer })
        observe('relay_seam_call_duration_seconds', answer, ms / 1000)
      },
      settled: (operation: Operation, resources: number) =>
        count('relay_resources_settled_total', { operation }, resources),
      refused: (operation: Operation, resources: number) =>
        count('relay_resources_refused_total', { operation }, resources),
      through: (ms: number) => observe('relay_end_to_end_duration_seconds', {}, ms / 1000),
      leaseLost: () => count('relay_leases_lost_total', { stage: 'sync' })
    },

    /** Everything, in Prometheus' text format. */
    async text(): Promise<string> {
      const isUp = await readStore()
      set('relay_store_up', {}, isUp ? 1 : 0)
      const registries = [meters.own, ...(isUp ? [meters.ofStore] : []), processMetrics()]
      const texts = await Promise.all(registries.map(registry => registry.metrics()))
      return texts.join('\n')
    }
  }
}

/** 429 by itself: Seam asks to wait, and nothing is wrong. */
function statusClass(status: number | undefined): LabelsOf<'relay_seam_calls_total'>['status'] {
  if (status === undefined) return 'none'
  if (status === 429) return '429'
  return `${Math.floor(status / 100)}xx` as '2xx'
}
