import { acuity } from './acuity/acuity.ts'
import { apaleo } from './apaleo/apaleo.ts'
import { beds24 } from './beds24/beds24.ts'
import { calcom } from './calcom/calcom.ts'
import { calendly } from './calendly/calendly.ts'
import { cloudbeds } from './cloudbeds/cloudbeds.ts'
import { custom } from './custom/custom.ts'
import { guesty } from './guesty/guesty.ts'
import { hospitable } from './hospitable/hospitable.ts'
import { hostaway } from './hostaway/hostaway.ts'
import { hostfully } from './hostfully/hostfully.ts'
import { hostify } from './hostify/hostify.ts'
import { lodgify } from './lodgify/lodgify.ts'
import { mews } from './mews/mews.ts'
import { nexudus } from './nexudus/nexudus.ts'
import { officernd } from './officernd/officernd.ts'
import { ownerrez } from './ownerrez/ownerrez.ts'
import type { Platform } from './platform.ts'
import { smoobu } from './smoobu/smoobu.ts'
import { standard } from './standard/standard.ts'
import { uplisting } from './uplisting/uplisting.ts'

/** One import and one line per platform. */
export const platforms: Record<string, Platform> = Object.fromEntries(
  [
    acuity,
    apaleo,
    beds24,
    calcom,
    calendly,
    cloudbeds,
    custom,
    guesty,
    hospitable,
    hostaway,
    hostfully,
    hostify,
    lodgify,
    mews,
    nexudus,
    officernd,
    ownerrez,
    smoobu,
    standard,
    uplisting
  ].map((platform: Platform) => [platform.name, platform])
)
