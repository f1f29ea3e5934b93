import { type TSchema, Type } from '@sinclair/typebox'
import { kindNames, kinds } from '../../model/kind.ts'
import { closed } from '../../openapi/shapes.ts'

/**
 * What delete_data takes, as Seam documents it in openapi/seam/delete_data.yaml (a test compares field by field), and
 * nothing unknown: a list of keys for each kind that can be deleted, and `customer_keys`, which takes whole customers off.
 */

const keys = (description: string) => Type.Optional(Type.Array(Type.String(), { description }))

const keyLists = {
  customer_keys: keys(
    'Customers to offboard with everything they have. Asks for a key with the scope offboard; it does not say whose the other keys are.'
  ),
  ...Object.fromEntries(
    kindNames.flatMap(kind => {
      const { list, deleteList } = kinds[kind]
      return deleteList === undefined
        ? []
        : [[deleteList, keys(`Keys of ${list.replaceAll('_', ' ')} that are to go.`)]]
    })
  )
}

/** POST: as the JSON body. */
export const DeleteData = closed(
  'DeleteData',
  'What is to go, by key. A key that nobody knows is passed over.',
  keyLists
)

export type DeleteData = Record<string, string[]>

const LENIENT_SPLIT = 'Sent by the official SDK, and passed over: a comma is always part of a key here.'

/**
 * DELETE: the same in the query. One parameter for each key (`space_keys=a&space_keys=b`); a comma is part of the key; an
 * empty value is an empty list. Of a list with one key a parser tells no list, so this describes and does not validate.
 */
export const DeleteDataQuery = closed('DeleteDataQuery', 'What is to go, by key.', {
  ...keyLists,
  _strict: Type.Optional(Type.String({ description: LENIENT_SPLIT }))
} as Record<string, TSchema>)
