import type { Sign } from '../words.ts'

const paths = {
  check: 'M3 8.5l3.2 3.2L13 4.8',
  clock: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M8 5v3.2l2.2 1.4',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  cross: 'M4 4l8 8M12 4l-8 8',
  minus: 'M3.5 8h9',
  change: 'M3 13l.6-2.8 7-7 2.2 2.2-7 7zM9.4 4.4l2.2 2.2',
  late: 'M2.5 8a5.5 5.5 0 1 0 1.8-4M2.4 2.6l.3 3 3-.2M8 5.2V8l2 1.4',
  alert: 'M8 2.6l6 10.6H2zM8 6.5v3M8 11.4v.1',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 0 0 0-9M10.4 10.4l3.1 3.1',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  in: 'M8 2.5v9M4.2 8L8 11.8 11.8 8',
  out: 'M8 13.5v-9M4.2 8L8 4.2 11.8 8',
  copy: 'M5.5 5.5h7v8h-7zM3.5 10.5v-8h7'
} satisfies Record<Sign, string> & Record<string, string>

export type IconName = keyof typeof paths

/** A picture beside words; it says nothing that they do not. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  )
}
