import t from 'tap'
import { type Circumstances, releaseOf } from '../../src/cli/translate/advice.ts'
import { quoted, tableUnder } from '../docs/documents.ts'

const circumstances: Circumstances = { title: 'Acme', place: '7', api: 'none' }

t.test('every reason for which a stay is held has an advice', async t => {
  const reasons = tableUnder('README.md', '### Held stays').flatMap(([reason = '']) => quoted(reason))
  const unforeseen = reasons.filter(reason => /cannot be read/.test(reason))
  t.ok(reasons.length - unforeseen.length > 7)
  for (const reason of reasons) {
    const advice = releaseOf(reason, circumstances)
    t.equal(/please report it/.test(advice), unforeseen.includes(reason), reason)
  }
})

t.test('what is missing of a place names the settings, and the API as far as it can help', async t => {
  const reason = 'the check-out time is unknown; set check_out_time on the connection or the place'
  const set =
    'no check-out time is known for place 7: set check_out_time on the connection or places.7.check_out_time'
  const said = (api: Circumstances['api']) => releaseOf(reason, { ...circumstances, api })
  t.equal(said('none'), set)
  t.equal(said('asked'), set)
  t.equal(said('not configured'), `${set}, or give the connection api credentials, so that Acme is asked`)
  t.equal(said('not asked'), `${set}; a relay also asks Acme for it, as --hydrate does here`)
})
