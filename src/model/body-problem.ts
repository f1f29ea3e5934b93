/** What is wrong with a JSON body, and where. */
export interface BodyProblem {
  /** From the body inwards; positions in lists as text. */
  path: string[]
  /** Reads on from the path: `must be string`, `is required`. Never quotes a value. */
  message: string
}
