import { calcom } from './calcom/calcom.ts'
import { guesty } from './guesty/guesty.ts'
import { hospitable } from './hospitable/hospitable.ts'
import { hostaway } from './hostaway/hostaway.ts'
import { mews } from './mews/mews.ts'
import type { Platform } from './platform.ts'
import { standard } from './standard/standard.ts'

/** One import and one line per platform. */
export const platforms: Record<string, Platform> = Object.fromEntries(
  [calcom, guesty, hospitable, hostaway, mews, standard].map((platform: Platform) => [
    platform.name,
    platform
  ])
)
