import type { Platform } from './platform.ts'

/** One import and one line per platform. */
export const platforms: Record<string, Platform> = Object.fromEntries(
  [].map((platform: Platform) => [platform.name, platform])
)
