import { Icon } from './icon.tsx'

interface TileProps {
  label: string
  value: string
  more?: string | undefined
  tone?: 'ok' | 'warn' | 'bad' | undefined
  page?: string
}

/** A number, and what it means. */
export function Tile({ label, value, more, tone, page }: TileProps) {
  const inside = (
    <>
      <span class="label">{label}</span>
      <span class={`value ${tone === undefined ? '' : `tone-${tone}`}`}>
        {value}
        {(tone === 'warn' || tone === 'bad') && <Icon name="alert" />}
      </span>
      {more !== undefined && <span class="more">{more}</span>}
    </>
  )
  const is = `tile ${value === '0' ? 'none' : ''}`
  return page === undefined ? (
    <div class={is}>{inside}</div>
  ) : (
    <a class={is} href={page}>
      {inside}
    </a>
  )
}
