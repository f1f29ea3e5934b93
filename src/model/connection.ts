import type { Pieces } from './filled-text.ts'
import type { GuestList, PlaceList, StayList } from './kind.ts'

export type PreferredCodeMode = 'platform' | 'phone_last_four' | 'none'

/** One account at one platform, tied to a Seam customer. The shape of the file is in `connections.ts`. */
export interface Connection {
  id: string
  platform: string
  customerKey: string
  workspaceId: string
  /** CIDR ranges; empty allows every address. */
  allowFrom: string[]
  /** Every secret as a list: old and new during a rotation. */
  secrets: Record<string, string[]>
  /** Credentials for hydrating, with `endpoint` where the platform's own hosts are replaced. */
  api: Record<string, string> | undefined
  timeZone: string | undefined
  checkInTime: string | undefined
  checkOutTime: string | undefined
  /** ISO 3166 code for phone numbers without a prefix. */
  country: string | undefined
  tentative: 'hold' | 'push'
  preferredCode: PreferredCodeMode
  /** The answer or custom field that holds the wished code, where the platform has such. */
  preferredCodeField: string | undefined
  lists: { place: PlaceList; guest: GuestList; stay: StayList }
  places: Record<string, PlaceSettings>
  /** Where the connection describes its platform itself. */
  webhooks?: DescribedWebhooks | undefined
}

export interface DescribedWebhooks {
  /** In the words of the connections file; the platform reads them. */
  description: unknown
  /** The operator's own samples of what the platform sends. */
  bodies: SampleBody[]
  /** Expressions into which variables were put, by the name of their event. */
  written?: Record<string, Pieces>
}

/** A file with the body of one request. */
export interface SampleBody {
  /** As found, without its folder. */
  file: string
  text: string
}

/** What the operator says of a place; beats what the platform tells. */
export interface PlaceSettings {
  /** Replaces the whole key at Seam, prefix included. */
  key?: string
  name?: string
  timeZone?: string
  checkInTime?: string
  checkOutTime?: string
  address?: string
}

/** One Seam workspace and how to reach it. */
export interface Workspace {
  id: string
  endpoint: string
  /** An API key, or a personal access token together with `seamWorkspaceId`. */
  apiKey: string
  seamWorkspaceId?: string | undefined
}
