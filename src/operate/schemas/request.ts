import { type Static, Type } from '@sinclair/typebox'
import { closed } from '../../openapi/shapes.ts'
import { Count, orNull, Text } from './parts.ts'

/** A request as it was kept, whether it was taken in or not. */

export const KeptBody = closed('KeptBody', 'The body of a request.', {
  bytes: Count('Its length; 0 where it is not kept any more.'),
  kept: Type.Boolean({ description: 'Whether it is still there.' }),
  masked: Type.Unknown({
    description: 'What it says where it is JSON of moderate size, with people masked; null otherwise.'
  }),
  text: orNull(Text('As it came; only where it was asked to reveal and is text.')),
  base64: orNull(Text('As it came; only where revealing was asked for and it is not text.'))
})
export type KeptBody = Static<typeof KeptBody>

const Verification = closed('Verification', 'How a request proved itself.', {
  accepted: Type.Boolean({ description: 'Whether it was taken in.' }),
  by: orNull(Text('How requests of the connection prove themselves.')),
  evidence: Type.Array(Type.String(), { description: 'Headers that proved it, among those that were kept.' })
})

const Strings = (description: string) => Type.Record(Type.String(), Type.String(), { description })

export const requestFields = {
  headers: Strings('Headers that were kept; none of them opens anything.'),
  query: Type.Record(Type.String(), Type.Array(Type.String()), {
    description: 'Parameters of the address, without secrets.'
  }),
  verification: Verification,
  body: KeptBody
}
