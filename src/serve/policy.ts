/**
 * What the dashboard's pages may do, in the words of browsers. A guest's name or a webhook's body that found a way to
 * become a part of a page would find there that nothing runs but the relay's own files, nothing is loaded from elsewhere,
 * and nothing is sent anywhere else. Styles that scripts set on elements are no inline styles.
 */
const CONTENT = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  // Text that was made into HTML by mistake is refused by the browser, whatever is in it.
  "require-trusted-types-for 'script'",
  "trusted-types 'none'"
].join('; ')

const features = ['camera', 'display-capture', 'geolocation', 'microphone', 'payment', 'usb']

export const policy = {
  'content-security-policy': CONTENT,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': features.map(feature => `${feature}=()`).join(', '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff'
}
