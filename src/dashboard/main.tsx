import 'uplot/dist/uPlot.min.css'
import { render } from 'preact'
import { App } from './app.tsx'
import { followLinks } from './router.ts'

const place = document.getElementById('app')
if (place !== null) {
  followLinks()
  render(<App />, place)
}
