import type { Lane, ResourceRef, ResourceRow } from './resources.ts'

/** What tells one resource from all others, in its own table and in those that speak of it. */
export type ResourcePrimaryKey = Pick<ResourceRow, 'workspace_id' | 'customer_key' | 'kind' | 'key'>

export function primaryKeyOf(
  { workspaceId, customerKey }: Lane,
  { kind, key }: ResourceRef
): ResourcePrimaryKey {
  return { workspace_id: workspaceId, customer_key: customerKey, kind, key }
}
