import { type Static, Type } from '@sinclair/typebox'
import { guestFields, type Kind, kindNames, kinds, stayKinds } from '../model/kind.ts'
import type { DeleteData, Entry, PushData } from '../seam/contract.ts'
import { accessIn, changedContacts, type Holdings, type SeamResource, SkipReasonSchema } from './access.ts'

/** What a customer has at the stand-in. */
export const CustomerView = Type.Object({
  customer_key: Type.String(),
  /** By list of push_data, in the order of their keys; fields as pushed. */
  resources: Type.Record(Type.String(), Type.Array(Type.Unknown())),
  stays: Type.Array(
    Type.Object({
      list: Type.String(),
      key: Type.String(),
      access: Type.Union([Type.Literal('granted'), Type.Literal('skipped')]),
      reason: Type.Optional(SkipReasonSchema)
    })
  )
})
export type CustomerView = Static<typeof CustomerView>

export interface SavedResource {
  kind: Kind
  key: string
  resource: SeamResource
}

export interface SandboxStateOptions {
  saved?: SavedResource[]
  /** Told of every change; undefined where the resource is gone. */
  keep?(kind: Kind, key: string, resource: SeamResource | undefined): void
}

/** The one list of delete_data that names no kind: everything of these customers goes. */
const CUSTOMERS = 'customer_keys'

const kindOfDeleteList = new Map(
  kindNames.flatMap(kind => {
    const { deleteList } = kinds[kind]
    return deleteList === undefined ? [] : [[deleteList, kind] as [string, Kind]]
  })
)

/**
 * One workspace at Seam, as far as its documents tell: upserts by kind and key, no version, no order, so whatever comes
 * last counts. Bodies must fit the contract; see `checkPushData`. What no document says and is decided here: omitted
 * fields are kept; a key pushed for another customer moves there; access is worked out whenever somebody looks.
 */
export class SandboxState {
  readonly #held: Holdings
  readonly #keep: NonNullable<SandboxStateOptions['keep']>
  #writes = 0

  constructor(options: SandboxStateOptions = {}) {
    this.#held = Object.fromEntries(kindNames.map(kind => [kind, new Map()])) as Holdings
    this.#keep = options.keep ?? (() => undefined)
    for (const { kind, key, resource } of options.saved ?? []) {
      this.#held[kind].set(key, resource)
      this.#writes = Math.max(this.#writes, ...Object.values(resource.contactSince))
    }
  }

  push(body: PushData): void {
    for (const kind of kindNames) {
      const { list, keyField } = kinds[kind]
      for (const entry of (body[list] ?? []) as Entry[]) {
        const key = String(entry[keyField])
        const before = this.#held[kind].get(key)
        const fields = merge(before?.fields ?? {}, entry)
        const contactSince = { ...before?.contactSince }
        this.#writes += 1
        for (const field of changedContacts(before?.fields ?? {}, fields)) contactSince[field] = this.#writes
        this.#set(kind, key, { customerKey: body.customer_key, fields, contactSince })
      }
    }
  }

  /** @returns the keys that named nothing */
  delete(body: DeleteData): { list: string; key: string }[] {
    const unknown = this.unknownIn(body)
    for (const [list, keys] of Object.entries(body)) {
      const kind = kindOfDeleteList.get(list)
      for (const key of keys) {
        if (list === CUSTOMERS) this.#forgetCustomer(key)
        else if (kind !== undefined) this.#forget(kind, key)
      }
    }
    return unknown
  }

  unknownIn(body: DeleteData): { list: string; key: string }[] {
    return Object.entries(body).flatMap(([list, keys]) =>
      keys.filter(key => this.customersOf(list, key).length === 0).map(key => ({ list, key }))
    )
  }

  /** Whose data a key of delete_data is about. */
  customersOf(deleteList: string, key: string): string[] {
    if (deleteList === CUSTOMERS) {
      return this.#all().some(({ resource }) => resource.customerKey === key) ? [key] : []
    }
    const kind = kindOfDeleteList.get(deleteList)
    const resource = kind && this.#held[kind].get(key)
    return resource === undefined ? [] : [resource.customerKey]
  }

  view(): CustomerView[] {
    const judge = accessIn(this.#held)
    const customers = new Map<string, CustomerView>()
    for (const { kind, key, resource } of this.#all().sort((a, b) => inOrder(a.key, b.key))) {
      const customer = customers.get(resource.customerKey) ?? {
        customer_key: resource.customerKey,
        resources: {},
        stays: []
      }
      customers.set(resource.customerKey, customer)
      const { list } = kinds[kind]
      const entries = customer.resources[list] ?? []
      customer.resources[list] = entries
      entries.push(resource.fields)
      if (!stayKinds.includes(kind)) continue
      const reason = judge(resource)
      const access = reason === undefined ? 'granted' : 'skipped'
      customer.stays.push({ list, key, access, ...(reason !== undefined && { reason }) })
    }
    return [...customers.values()].sort((a, b) => inOrder(a.customer_key, b.customer_key))
  }

  #all(): SavedResource[] {
    return kindNames.flatMap(kind =>
      Array.from(this.#held[kind], ([key, resource]) => ({ kind, key, resource }))
    )
  }

  #set(kind: Kind, key: string, resource: SeamResource): void {
    this.#held[kind].set(key, resource)
    this.#keep(kind, key, resource)
  }

  #forget(kind: Kind, key: string): void {
    if (this.#held[kind].delete(key)) this.#keep(kind, key, undefined)
  }

  #forgetCustomer(customerKey: string): void {
    for (const { kind, key, resource } of this.#all()) {
      if (resource.customerKey === customerKey) this.#forget(kind, key)
    }
  }
}

/**
 * Places named in a stay replace those named before, under whichever alias, and so does a person. Of metadata, a value
 * of null or an empty string removes the name. Everything else that is not told is kept.
 */
function merge(before: Entry, entry: Entry): Entry {
  const kept = { ...before }
  const names = Object.keys(entry)
  const replaced = [
    ...(names.some(isKeyList) ? Object.keys(before).filter(isKeyList) : []),
    ...(names.some(isGuestRef) ? Object.keys(before).filter(isGuestRef) : [])
  ]
  for (const name of replaced) delete kept[name]
  const merged = { ...kept, ...entry }
  if (entry.custom_metadata !== undefined) {
    const all = Object.entries({ ...(before.custom_metadata as Entry | undefined), ...entry.custom_metadata })
    merged.custom_metadata = Object.fromEntries(all.filter(([, value]) => value !== null && value !== ''))
  }
  if (entry.customer_data !== undefined) {
    merged.customer_data = { ...(before.customer_data as Entry | undefined), ...entry.customer_data }
  }
  return merged
}

function isKeyList(name: string): boolean {
  return name.endsWith('_keys')
}

function isGuestRef(name: string): boolean {
  return guestFields.has(name)
}

function inOrder(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
