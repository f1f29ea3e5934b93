import { type Static, Type } from '@sinclair/typebox'
import type { Operation } from '../model/call.ts'
import type { NamedKey } from './keys.ts'

const always = Type.Literal(true)

/**
 * One way of going wrong. A rule with `status` answers that and changes nothing; `reset` breaks the connection instead
 * of processing the call, `reset_after` once it is processed. `delay_ms` holds back whatever comes out; what was to be
 * processed is processed before the wait, so that a caller who gave up cannot be overtaken by its own older call.
 */
export const FailRule = Type.Object(
  {
    operation: Type.Optional(Type.Union([Type.Literal('push_data'), Type.Literal('delete_data')])),
    /** The rule is gone after it went off so often. */
    times: Type.Optional(Type.Integer({ minimum: 1 })),
    probability: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    /** A key that must be in the body: one of a resource of its own or of a deletion, or the customer's. */
    when_key: Type.Optional(Type.String()),
    delay_ms: Type.Optional(Type.Integer({ minimum: 0, maximum: 600_000 })),
    status: Type.Optional(Type.Integer({ minimum: 200, maximum: 599 })),
    retry_after_s: Type.Optional(Type.Integer({ minimum: 0 })),
    /** `body`, or a few words, as text/plain instead of Seam's envelope. */
    plain_text: Type.Optional(always),
    /** Instead of the envelope: as JSON, or as it is together with `plain_text`. */
    body: Type.Optional(Type.Unknown()),
    reset: Type.Optional(always),
    reset_after: Type.Optional(always)
  },
  { additionalProperties: false }
)
export type FailRule = Static<typeof FailRule>

const unknownDeletes = Type.Union([
  Type.Literal('ok'),
  Type.Literal('not_found'),
  Type.Literal('invalid_input')
])

/** How the stand-in misbehaves: everything it was told, the first rule that fits a call counts. */
export const Behaviour = Type.Object(
  {
    fail: Type.Array(FailRule),
    /** What Seam does with a key it does not know is not documented; `ok` is the default. */
    unknown_delete: unknownDeletes,
    /** A body with one of these keys is refused as `invalid_input`. */
    refuse_keys: Type.Array(Type.String())
  },
  { additionalProperties: false }
)
export type Behaviour = Static<typeof Behaviour>
export const BehaviourSetting = Type.Partial(Behaviour, { additionalProperties: false })
export type BehaviourSetting = Static<typeof BehaviourSetting>

export class BehaviourSwitch {
  readonly #random: () => number
  #behaviour: Behaviour = wellBehaved()

  constructor(random: () => number) {
    this.#random = random
  }

  /** Rules with `times` count down and go. */
  get current(): Behaviour {
    return this.#behaviour
  }

  set(setting: BehaviourSetting): Behaviour {
    // A copy: rules count down, and the caller's object is the caller's.
    this.#behaviour = { ...wellBehaved(), ...structuredClone(setting) }
    return this.#behaviour
  }

  /** The rule that goes off for this call, if any. */
  take(operation: Operation, keys: NamedKey[]): FailRule | undefined {
    const rule = this.#behaviour.fail.find(
      each =>
        (each.operation === undefined || each.operation === operation) &&
        (each.when_key === undefined || keys.some(({ key }) => key === each.when_key)) &&
        (each.probability === undefined || this.#random() < each.probability)
    )
    if (rule?.times !== undefined) {
      rule.times -= 1
      if (rule.times === 0) this.#behaviour.fail = this.#behaviour.fail.filter(each => each !== rule)
    }
    return rule
  }
}

function wellBehaved(): Behaviour {
  return { fail: [], unknown_delete: 'ok', refuse_keys: [] }
}
