import type { Case } from './body-story.ts'

/** Distortions of a change that ended a stay, moved it, made its guest another person, or were our own mistake. They are always tried. */
const once: Record<string, string[]> = {
  beds24: ['.booking.roomId left out', '.booking.email left out'],
  calendly: ['.event in capitals', '.payload.scheduled_event.start_time in spaces'],
  custom: ['.event in capitals'],
  guesty: ['.event in capitals'],
  hospitable: ['.action in capitals', '.data.id in spaces', '.data.check_in in spaces'],
  hostaway: ['.data.listingMapId {}'],
  lodgify: ['.booking.property_id left out'],
  nexudus: ['[0].ResourceId left out'],
  officernd: ['.data.object.resourceId left out', '.data.object._id in spaces'],
  smoobu: ['.data.apartment left out', '.data.email left out'],
  standard: ['.type in capitals'],
  uplisting: ['.property_id left out', '.guest_email left out', '.timestamp in spaces']
}

export function wasWrongOnce(
  platform: string,
  { scene, distortion: { path, how } }: Required<Case>
): boolean {
  const place = path.replace(/^\[0\](?=\.booking)/, '')
  return scene === 'changed' && (once[platform] ?? []).includes(`${place} ${how}`)
}
