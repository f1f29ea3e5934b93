let step: Promise<void> | undefined

/**
 * Resolves when the event loop has read what else came in: requests that arrive together then go on together, each step of all
 * of them before the next one. Taken through all steps one by one they push each other's code and data out of the processor's
 * caches; see docs/benchmarks.md.
 */
export function inStep(): Promise<void> {
  step ??= new Promise(resolve =>
    setImmediate(() => {
      step = undefined
      resolve()
    })
  )
  return step
}
