import { type Static, Type } from '@sinclair/typebox'

/** Seam's envelope, in which everything on Seam's own paths is answered. The official SDK reads it. */

export type SeamOk = Static<typeof SeamOk>
export type SeamError = Static<typeof SeamError>

export const SeamOk = Type.Object(
  { ok: Type.Literal(true) },
  { title: 'SeamOk', description: 'The call is on disk and will be carried to Seam in its turn.' }
)

/** zod's nested format. A level has its own messages and further levels by the name of a member or the place in a list. */
const ValidationErrors = Type.Object(
  { _errors: Type.Array(Type.String(), { description: 'What is wrong at this place.' }) },
  {
    title: 'ValidationErrors',
    description:
      'What is wrong, by place: each level has its messages under _errors and what lies within it by name, entries of a list by position.',
    additionalProperties: true
  }
)

export const SeamError = Type.Object(
  {
    ok: Type.Literal(false),
    error: Type.Object({
      type: Type.String({
        description: 'What went wrong in one word, such as invalid_input, unauthorized or forbidden.'
      }),
      message: Type.String({ description: 'What went wrong and what to do, in a sentence.' }),
      validation_errors: Type.Optional(ValidationErrors)
    })
  },
  { title: 'SeamError', description: 'Why nothing was taken in; the status says of what sort it is.' }
)
