import type { WholeDelivery } from '../../operate/schemas/deliveries.ts'
import type { KeptBody } from '../../operate/schemas/request.ts'
import { type Moments, momentText } from '../terminal/moments.ts'
import type { Screen } from '../terminal/screen.ts'
import { fact, factLines, section } from '../terminal/table.ts'
import { eventText, stateTones } from './deliveries.ts'
import { because, callText, outcomeText } from './show-history.ts'

/** A delivery whole: where it stands, what it did, and its request. */
export function deliveryLines(delivery: WholeDelivery, screen: Screen, moments: Moments): string[] {
  const { verification, body } = delivery
  const by = verification.by ?? 'a connection that is no longer in the settings'
  return [
    `${screen.paint(`delivery ${delivery.id}`, 'strong')}  ${screen.paint(delivery.state, stateTones[delivery.state])}`,
    ...factLines(screen, [
      ['connection', `${delivery.connection} (${delivery.platform})`],
      ['received', momentText(delivery.received_at, moments)],
      ...fact('ended', delivery.done_at && momentText(delivery.done_at, moments)),
      ...fact('next', delivery.due_at && momentText(delivery.due_at, moments)),
      ...fact('platform id', delivery.platform_id),
      ['tries', String(delivery.attempts)],
      ['verified by', by],
      ...fact('error', delivery.error),
      ['said', eventText(delivery) || 'nothing by now'],
      ...fact('replay', delivery.replayable ? null : 'too old: its body is no longer kept')
    ]),
    ...section(
      screen,
      'What became of it',
      delivery.events.map(each => `  ${each.type}: ${because(each.outcome, each.reason)}`)
    ),
    ...section(
      screen,
      'What it did',
      delivery.changes.flatMap(each => [
        `  ${each.kind} ${each.key}: ${outcomeText(each.outcome, each.note)}${each.state === null ? '' : `; now ${each.state}`}`,
        ...each.warnings.map(text => `    ${screen.paint(`Warning: ${text}`, 'warn')}`),
        ...each.calls.map(
          call => `    ${screen.paint(moments.local(call.at), 'dim')}  ${callText(call, screen)}`
        )
      ])
    ),
    ...(delivery.more_changes ? ['  …and more.'] : []),
    ...section(screen, 'Headers', factLines(screen, Object.entries(delivery.headers))),
    ...section(screen, `Body, ${body.bytes} bytes`, bodyLines(body))
  ]
}

function bodyLines({ kept, masked, text, base64 }: KeptBody): string[] {
  if (!kept) return ['  no longer kept']
  if (text !== null) return text.split('\u240a').map(line => `  ${line}`)
  if (base64 !== null) return [`  ${base64}`]
  return masked === null ? ['  not JSON, so it is shown with --reveal only'] : jsonLines(masked)
}

function jsonLines(value: unknown): string[] {
  return JSON.stringify(value, undefined, 2)
    .split('\n')
    .map(line => `  ${line}`)
}
