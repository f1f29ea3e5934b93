import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

/** Where `npm run dashboard` finds a relay to ask. */
const relay = process.env.RELAY_URL ?? 'http://127.0.0.1:3000'

/** Compressed once, and not for each who asks. */
const compressed: Plugin = {
  name: 'compressed',
  apply: 'build',
  generateBundle(_options, bundle) {
    for (const [name, file] of Object.entries(bundle).filter(([name]) => /\.(?:js|css|svg)$/.test(name))) {
      const source = brotliCompressSync(file.type === 'chunk' ? file.code : file.source)
      this.emitFile({ type: 'asset', fileName: `${name}.br`, source })
    }
  }
}

const THEME = 'theme-first.js'

/** What has to run before anything is painted is no module, and such scripts Vite neither names by their hash nor copies. */
const themeFirst: Plugin = {
  name: 'theme-first',
  buildStart() {
    if (this.environment.mode !== 'build') return
    const source = readFileSync(join(import.meta.dirname, 'src/dashboard', THEME), 'utf8')
    this.emitFile({ type: 'asset', name: THEME, source })
  },
  transformIndexHtml: {
    order: 'post',
    handler(_html, { bundle = {} }) {
      const built = Object.values(bundle).find(file => file.type === 'asset' && file.names.includes(THEME))
      const src = `/dashboard/${built?.fileName ?? THEME}`
      return [{ tag: 'script', attrs: { src }, injectTo: 'head-prepend' }]
    }
  }
}

/**
 * The dashboard. Nothing of it stands inline, as its pages allow no such scripts, styles or fonts (src/serve/policy.ts),
 * and every file but index.html has its own hash in its name, so browsers may keep it for ever.
 */
export default defineConfig({
  root: join(import.meta.dirname, 'src/dashboard'),
  base: '/dashboard/',
  publicDir: false,
  cacheDir: join(import.meta.dirname, 'node_modules/.cache/vite'),
  plugins: [themeFirst, compressed],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: join(import.meta.dirname, 'dist/dashboard'),
    emptyOutDir: true,
    target: 'baseline-widely-available',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Of a page that anybody may read the sources of, nothing has to be hidden, and a stack trace should say something.
    sourcemap: true,
    // On a slow machine its warning of slow plug-ins stood above what the relay says at its start.
    rolldownOptions: { checks: { pluginTimings: false } }
  },
  // The relay compares the Origin with the Host, which stays that of the browser.
  server: {
    proxy: { '/api': { target: relay }, '/dashboard/session': { target: relay } }
  }
})
