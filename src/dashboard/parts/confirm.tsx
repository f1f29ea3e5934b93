import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Refused } from '../api.ts'
import { refusalOf } from '../load.ts'
import { Failure } from './failure.tsx'

interface ConfirmProps {
  title: string
  children: ComponentChildren
  /** What the button says that does it. */
  verb: string
  isGrave?: boolean
  run(): Promise<void>
  close(): void
}

/** Asks before something is done that many will notice. Escape and the first button leave everything as it is. */
export function Confirm({ title, children, verb, isGrave = false, run, close }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [isRunning, setRunning] = useState(false)
  const [failure, setFailure] = useState<Refused>()
  useEffect(() => dialog.current?.showModal(), [])

  async function doIt() {
    if (isRunning) return
    setRunning(true)
    setFailure(undefined)
    try {
      await run()
      dialog.current?.close()
    } catch (error) {
      setFailure(refusalOf(error))
      setRunning(false)
    }
  }

  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="confirm-title">
      <div class="stack">
        <h2 id="confirm-title">{title}</h2>
        <div class="stack near">{children}</div>
        {failure !== undefined && <Failure failure={failure} />}
        <div class="row dialog-ends">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Leave it
          </button>
          <button
            type="button"
            class={`button ${isGrave ? 'grave' : 'first'}`}
            onClick={doIt}
            aria-disabled={isRunning}
          >
            {isRunning ? 'Working…' : verb}
          </button>
        </div>
      </div>
    </dialog>
  )
}
