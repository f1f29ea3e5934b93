/** The sign of the relay, as in icon.svg: what comes in goes round and on. */
export function BrandSign() {
  return (
    <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="currentcolor" />
      <path
        d="M7 12h13.5a5 5 0 0 1 0 10H13M7 12l4-4M7 12l4 4"
        fill="none"
        stroke="#fff"
        stroke-width="2.75"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  )
}
