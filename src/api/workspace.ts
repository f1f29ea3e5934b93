import type { Caller } from '../model/caller.ts'

/**
 * The workspace that a caller's calls are for: its key's, else the only one there is, else the environment's.
 * @param known ids of the workspaces in the settings @returns undefined where the key has to say it
 */
export function workspaceOf(caller: Caller, known: string[], environments: string): string | undefined {
  const { workspaceId } = caller
  if (workspaceId !== undefined) return known.includes(workspaceId) ? workspaceId : undefined
  if (known.length === 1) return known[0]
  return known.includes(environments) ? environments : undefined
}

export const WORKSPACE_ADVICE =
  'This API key does not say which Seam workspace it is for, or names one that is not in the settings: make one with "seam-relay keys create --workspace <id>"'
