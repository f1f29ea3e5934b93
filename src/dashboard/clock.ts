import { signal } from '@preact/signals'

/** ms since 1970, often enough for ages to be right. */
export const now = signal(Date.now())

const EVERY_MS = 5_000

setInterval(() => {
  if (document.visibilityState === 'visible') now.value = Date.now()
}, EVERY_MS)
document.addEventListener('visibilitychange', () => {
  now.value = Date.now()
})
