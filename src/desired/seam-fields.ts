/** What Seam shall hold of a resource, as push_data spells it. */
export type SeamFields = Record<string, unknown>
