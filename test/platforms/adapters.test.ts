import { globSync } from 'node:fs'

// The tests of each adapter stand in a folder of its own, and each file can be run by itself. Together they share one process:
// to start one and to measure it costs more than most of them do.
const files = globSync('*/*.test.ts', { cwd: import.meta.dirname }).sort()
for (const file of files) await import(`./${file}`)
