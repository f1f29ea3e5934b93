import type { SampleBody } from '../../model/connection.ts'
import type { Pieces } from '../../model/filled-text.ts'
import { ignored, on, type Platform, peekObject } from '../platform.ts'
import { snsMediaTypes } from '../sns.ts'
import {
  confirmationIn,
  confirmSubscription,
  playConfirmation,
  SubscriptionConfirmation
} from '../sns-subscription.ts'
import { idOf } from '../told.ts'
import { bodySamples } from './body-samples.ts'
import type { Description } from './description.ts'
import type { Evaluate } from './evaluator.ts'
import { foundAt, placesOf } from './location.ts'
import { EMPTY, eventsReader, peekBody, UNNAMED } from './read-events.ts'
import { told } from './translate.ts'
import { proofOf } from './verification.ts'

/**
 * A description in which nothing is wrong → the platform that it describes.
 * @param bodies the operator's own samples @param written expressions into which variables were put
 */
export function describedPlatform(
  description: Description,
  bodies: SampleBody[],
  evaluate: Evaluate,
  written: Record<string, Pieces> = {}
): Platform {
  const { title, events, ignored: reasons = {}, event = {} } = description
  const { verification, secrets } = proofOf(description.verification)
  const headers = [...placesOf(event.type), event.id, event.time].flatMap(place => place?.header ?? [])
  const platform: Platform = {
    name: 'custom',
    title: title ?? 'Custom',
    verification: {
      ...verification,
      evidence: [...new Set([...verification.evidence, ...headers.map(name => name.toLowerCase())])]
    },
    secrets,
    preferredCode: 'platform',
    readEvents: eventsReader(description, evaluate, { written }),
    events: { ...Object.fromEntries(Object.keys(events).map(type => [type, told])), [UNNAMED]: told },
    ignored: { ...reasons, [EMPTY]: 'its list of events is empty' },
    samples: bodySamples(description, bodies)
  }
  const { id } = event
  if (id !== undefined) {
    platform.deliveryId = incoming => {
      const body = peekBody(incoming)
      const { headers: sent, query } = incoming
      return idOf(foundAt(id, { entry: body, body, headers: sent, query }))
    }
  }
  return description.verification.scheme === 'sns' ? throughSns(platform) : platform
}

/** Amazon SNS asks whether its notifications are wanted before the first one comes. */
function throughSns(platform: Platform): Platform {
  return {
    ...platform,
    mediaTypes: snsMediaTypes,
    deliveryId: incoming => idOf(peekObject(incoming)?.MessageId),
    hydration: {
      wants: event => (confirmationIn(event) === undefined ? 'no' : 'open'),
      read: (events, api) =>
        Promise.all(
          events.map(event => confirmSubscription(confirmationIn(event) as SubscriptionConfirmation, api))
        )
    },
    events: {
      ...platform.events,
      SubscriptionConfirmation: on(SubscriptionConfirmation, () => ignored('the subscription is confirmed'))
    },
    ignored: {
      ...platform.ignored,
      UnsubscribeConfirmation: 'the subscription has ended: nothing more comes until it is made again'
    },
    standIn: request => playConfirmation(request) ?? { status: 404 }
  }
}
