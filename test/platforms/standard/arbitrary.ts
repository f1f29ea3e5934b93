import fc from 'fast-check'

/** Valid events of every type, with every member now told, now null, now left out. */
export const validEvent: fc.Arbitrary<Record<string, unknown>> = fc
  .oneof(
    { weight: 3, arbitrary: event(['reservation.created', 'reservation.updated'], reservation(true)) },
    event(['reservation.cancelled'], reservation(false)),
    event(['guest.created', 'guest.updated', 'guest.deleted'], guest(true)),
    event(['listing.created', 'listing.updated', 'listing.deleted'], listing()),
    fc.constant({ type: 'test.ping' })
  )
  .map(made => JSON.parse(JSON.stringify(made)))

function event(types: string[], data: fc.Arbitrary<unknown>): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(
    { type: fc.constantFrom(...types), id: nullable(id()), timestamp: clock(), data },
    { requiredKeys: ['type', 'timestamp', 'data'] }
  )
}

function reservation(givesAccess: boolean): fc.Arbitrary<Record<string, unknown>> {
  const head = fc.record(
    {
      id: id(),
      status: nullable(
        fc.constantFrom('confirmed', 'tentative', 'inquiry', 'blocked', 'canceled', 'odd_status')
      ),
      updated_at: nullable(clock())
    },
    { requiredKeys: ['id'] }
  )
  const units = fc.uniqueArray(unit(), { minLength: 1, maxLength: 3, selector: each => String(each.id) })
  const told = stayMembers(givesAccess)
  return fc
    .tuple(head, told, fc.option(nullable(units), { nil: undefined }))
    .map(([first, members, list]) => ({ ...first, ...members, ...(list !== undefined && { units: list }) }))
}

function unit(): fc.Arbitrary<Record<string, unknown>> {
  return fc.tuple(id(), stayMembers(false)).map(([unitId, members]) => ({ id: unitId, ...members }))
}

/** Starts lie in June and ends in July, so that any of them may meet. */
function stayMembers(withTimes: boolean): fc.Arbitrary<Record<string, unknown>> {
  const rest = fc.record(
    {
      name: nullable(text()),
      guest: nullable(guest(false)),
      time_zone: nullable(zone()),
      preferred_code: nullable(text()),
      metadata: nullable(
        fc.dictionary(fc.stringMatching(/^[a-z_]{1,40}$/), fc.oneof(text(), fc.boolean()), { maxKeys: 50 })
      )
    },
    { requiredKeys: [] }
  )
  const silent = withTimes ? [] : [fc.constant({})]
  const start = fc.oneof(side('06', 'starts_at', 'arrival_date', 'check_in_time'), ...silent)
  const end = fc.oneof(side('07', 'ends_at', 'departure_date', 'check_out_time'), ...silent)
  const places = fc.oneof(
    fc.constant({}),
    fc.record({ listing_id: nullable(id()) }),
    fc.record({ listing_ids: nullable(fc.array(id(), { maxLength: 3 })) }),
    fc.record({ listing: nullable(listing()) })
  )
  return fc.tuple(rest, start, end, places).map(parts => Object.assign({}, ...parts))
}

function side(month: string, at: string, date: string, time: string): fc.Arbitrary<Record<string, unknown>> {
  const day = fc.integer({ min: 2, max: 29 }).map(each => String(each).padStart(2, '0'))
  const offset = fc.constantFrom('Z', '+02:00', '-11:30')
  return fc.oneof(
    fc
      .tuple(day, wall(), offset)
      .map(([d, hour, zone]) => ({ [at]: `2026-${month}-${d}T${hour}:00${zone}` })),
    fc
      .tuple(day, fc.option(nullable(wall()), { nil: undefined }))
      .map(([d, hour]) => ({ [date]: `2026-${month}-${d}`, ...(hour !== undefined && { [time]: hour }) }))
  )
}

function guest(idRequired: boolean): fc.Arbitrary<Record<string, unknown>> {
  const names = fc.option(fc.record({ first_name: nullable(text()), last_name: nullable(text()) }), {
    nil: {}
  })
  const facts = fc.record(
    {
      id: idRequired ? id() : nullable(id()),
      name: nullable(text()),
      email: nullable(text()),
      phone: nullable(text()),
      updated_at: nullable(clock())
    },
    { requiredKeys: idRequired ? ['id'] : [] }
  )
  return fc.tuple(facts, names).map(([told, name]) => ({ ...told, ...name }))
}

function listing(): fc.Arbitrary<Record<string, unknown>> {
  const position = fc.oneof(
    fc.constant({}),
    fc.constant({ latitude: null, longitude: null }),
    fc.record({
      latitude: fc.double({ min: -90, max: 90, noNaN: true }),
      longitude: fc.double({ min: -180, max: 180, noNaN: true })
    })
  )
  const facts = fc.record(
    {
      id: id(),
      name: nullable(text()),
      time_zone: nullable(zone()),
      check_in_time: nullable(wall()),
      check_out_time: nullable(wall()),
      address: nullable(text()),
      duration_minutes: nullable(fc.integer({ min: 1 })),
      updated_at: nullable(clock())
    },
    { requiredKeys: ['id'] }
  )
  return fc.tuple(facts, position).map(([told, where]) => ({ ...told, ...where }))
}

function id(): fc.Arbitrary<string | number> {
  return fc.oneof(fc.stringMatching(/^[A-Za-z0-9_/-]{1,20}$/), fc.nat())
}

function text(): fc.Arbitrary<string> {
  return fc.string({ maxLength: 20, unit: 'grapheme' }).map(each => each.replaceAll('\0', ''))
}

function wall(): fc.Arbitrary<string> {
  const two = (max: number) => fc.nat({ max }).map(each => String(each).padStart(2, '0'))
  return fc.tuple(two(23), two(59)).map(parts => parts.join(':'))
}

function zone(): fc.Arbitrary<string> {
  return fc.constantFrom('UTC', 'Europe/Berlin', 'America/Port-au-Prince', 'Asia/Kolkata', 'Etc/GMT+5')
}

function clock(): fc.Arbitrary<string | number> {
  const ms = fc.integer({ min: 1.7e12, max: 1.9e12 })
  return fc.oneof(
    ms,
    ms.map(each => new Date(each).toISOString())
  )
}

function nullable<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.option(value, { freq: 6 })
}
