/** Seam's own words for a refusal: the `error` of its envelope. */
export interface SeamWords {
  type: string
  message: string
  /** zod's nested format, by the places of the body that Seam was sent. */
  validation_errors?: object
}
