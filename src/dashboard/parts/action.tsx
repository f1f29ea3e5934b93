import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { may, type Session } from '../api.ts'
import { refusalOf } from '../load.ts'
import { complain } from '../notices.ts'
import { Confirm } from './confirm.tsx'

interface ActionProps {
  label: string
  /** Does it, and says so. */
  run(): Promise<void>
  /** What is asked before; without it, nothing is. */
  confirm?: { title: string; verb: string; text: ComponentChildren; isGrave?: boolean }
  scope?: Session['may']
  is?: string
}

/** A button that changes something; not there for those who may not. */
export function Action({ label, run, confirm, scope = 'operate', is = '' }: ActionProps) {
  const [isAsking, setAsking] = useState(false)
  const [isRunning, setRunning] = useState(false)
  if (!may(scope)) return null

  async function press() {
    if (confirm !== undefined) {
      setAsking(true)
      return
    }
    if (isRunning) return
    setRunning(true)
    try {
      await run()
    } catch (error) {
      complain(refusalOf(error).message)
    }
    setRunning(false)
  }

  return (
    <>
      <button type="button" class={`button ${is}`} onClick={press} aria-disabled={isRunning}>
        {label}
      </button>
      {isAsking && confirm !== undefined && (
        <Confirm
          title={confirm.title}
          verb={confirm.verb}
          isGrave={confirm.isGrave ?? false}
          run={run}
          close={() => setAsking(false)}
        >
          {confirm.text}
        </Confirm>
      )}
    </>
  )
}
