/**
 * Why a request was not taken in, by the word that the log, the metrics and the operator API have for it. What to do about each is said
 * by the dashboard's words, docs/errors.md and docs/operations.md; types and tests miss those that are not.
 */
export const rejectionCauses = [
  'unknown_connection',
  'address_not_allowed',
  'signature_missing',
  'signature_malformed',
  'signature_wrong',
  'timestamp_outside_tolerance',
  'credentials_missing',
  'credentials_wrong',
  'foreign_account',
  'body_too_large',
  'media_type'
] as const

export type RejectionCause = (typeof rejectionCauses)[number]
