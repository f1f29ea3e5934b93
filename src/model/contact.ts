import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max'

/** E.164, or undefined where the text is no valid number. Without a plus it is read as national first, then as international. */
export function usablePhone(
  text: string | null | undefined,
  country: string | undefined
): string | undefined {
  const raw = text?.trim()
  if (!raw) return undefined
  const readings = raw.startsWith('+')
    ? [parsePhoneNumberFromString(raw)]
    : [
        country === undefined ? undefined : parsePhoneNumberFromString(raw, country as CountryCode),
        parsePhoneNumberFromString(`+${raw.replace(/^00/, '')}`)
      ]
  return readings.find(reading => reading?.isValid())?.number
}

/** What has the form of E.164, whether there is such a number or not. */
export function asE164(text: string | null | undefined): string | undefined {
  return text != null && /^\+[1-9]\d{6,14}$/.test(text) ? text : undefined
}

/**
 * The address where it can be one, else undefined: one @, something on both sides, a dot in the domain, no white space.
 * More would refuse addresses that work.
 */
export function usableEmail(text: string | null | undefined): string | undefined {
  const raw = text?.trim()
  return raw && raw.length <= 254 && /^[^\s@<>"(),;:]+@[^\s@<>"(),;:.]+(?:\.[^\s@<>"(),;:.]+)+$/.test(raw)
    ? raw
    : undefined
}

/** The form in which two addresses are the same person's. */
export function sameEmail(email: string): string {
  return email.toLowerCase()
}

/** Digits, 4 to 9: what Seam takes as a PIN (access grants in Seam's API). */
export function usableCode(code: string | null | undefined): string | undefined {
  const raw = code?.trim()
  return raw && /^\d{4,9}$/.test(raw) ? raw : undefined
}
