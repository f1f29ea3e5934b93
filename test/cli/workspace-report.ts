import type { WorkspaceReport } from '../../src/operate/schemas/customers.ts'

/** A workspace of which nothing is to be said. */
export const workspaceThatWorks: WorkspaceReport = {
  id: 'default',
  known: true,
  state: 'works',
  until: null,
  reason: null,
  failures: 0,
  due: 0,
  due_for_seconds: 0,
  paused: null
}
