import { type Static, Type } from '@sinclair/typebox'
import { closed, oneOf } from '../../openapi/shapes.ts'
import { ListedDelivery } from './deliveries.ts'
import { question } from './operation.ts'
import { query, reveal, Text, Words } from './parts.ts'
import { ListedResource } from './resources.ts'

const SearchHit = closed('SearchHit', 'Something that was found.', {
  by: oneOf(['key', 'name', 'email', 'phone'], 'By what.'),
  label: Text('Its name, masked where it is a person’s; empty where it has none.'),
  resource: ListedResource,
  stays: Type.Array(ListedResource, {
    description: 'Of a guest or a place: stays that name it; the first 20.'
  })
})
export type SearchHit = Static<typeof SearchHit>

const SearchResult = closed('SearchResult', 'What was found.', {
  data: Type.Array(SearchHit, { description: 'By key first; 20 at most of each sort.' }),
  deliveries: Type.Array(ListedDelivery, {
    description: 'Deliveries with that id, or the platform’s, or of that booking; the newest 20.'
  }),
  more: Type.Boolean({ description: 'Whether there is more, so that more of it should be typed.' }),
  notes: Type.Array(Type.String(), { description: 'What was looked through, and what was not.' })
})
export type SearchResult = Static<typeof SearchResult>

export const readSearch = question({
  operationId: 'search',
  summary: 'Search',
  description:
    'By the name of a guest or a place (beginnings of words, in any order), an e-mail address (its beginning), the last four or more digits of a phone number, a booking’s id, a key, or the id of a delivery. What Seam is not to hold is found by its key only.',
  querystring: query({ q: Words('What to look for.', 200), ...reveal }),
  says: SearchResult,
  what: 'What was found.',
  examples: {
    guest: {
      value: {
        data: [
          {
            by: 'name',
            label: 'A…',
            resource: {
              workspace: 'default',
              customer_key: 'lakeside-homes',
              kind: 'guest',
              key: 'lakeside:g7',
              connection: 'lakeside',
              booking: null,
              state: 'synced',
              reason: null,
              refused_at: null,
              warnings: [],
              starts_at: null,
              updated_at: '2027-06-20T08:15:30.110Z',
              revision: 12,
              synced_revision: 12
            },
            stays: []
          }
        ],
        deliveries: [],
        more: false,
        notes: ['Names, e-mail addresses and phone numbers are found as Seam has them.']
      }
    }
  }
})
