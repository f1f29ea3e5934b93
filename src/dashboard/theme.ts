import { effect, signal } from '@preact/signals'

export type Theme = 'system' | 'light' | 'dark'

/** theme-first.js has set it before anything was painted. */
export const theme = signal<Theme>(themeOf(document.documentElement.dataset.theme))
/** Grows when colours have changed, whoever changed them; what is drawn on a canvas has to be drawn again. */
export const colours = signal(0)

function themeOf(text: string | undefined): Theme {
  return text === 'light' || text === 'dark' ? text : 'system'
}

export function choose(chosen: Theme): void {
  theme.value = chosen
  try {
    if (chosen === 'system') localStorage.removeItem('theme')
    else localStorage.setItem('theme', chosen)
  } catch {
    // Without storage the choice holds for as long as the page is open.
  }
}

effect(() => {
  const { dataset } = document.documentElement
  if (theme.value === 'system') delete dataset.theme
  else dataset.theme = theme.value
  colours.value = colours.peek() + 1
})

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  colours.value += 1
})
