import { evaluated, type Job } from './evaluation.ts'

/**
 * The process in which expressions are evaluated, one after the other, with nothing in its environment. A process and not
 * a thread: a single text that is too large for a thread's memory ends the process around it.
 */

// Whoever ends the relay by a signal to all of its group means the relay, which is still waiting for answers.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
process.on('disconnect', () => process.exit())
process.on('message', async (job: Job) => process.send?.(await evaluated(job)))
process.send?.({ ready: true })
