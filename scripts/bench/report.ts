import type { AddressInfo, Server } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'

export type Order = 'begin' | 'end' | 'stop'

/** The server's side of a measurement: tells the port, then the delay of its event loop between `begin` and `end`. */
export function report(server: Server, stop: () => Promise<unknown>): void {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  let cpuAtBegin = process.cpuUsage()
  let mainAtBegin = mainThreadMs()
  process.on('message', async (order: Order) => {
    if (order === 'begin') {
      delay.reset()
      delay.enable()
      cpuAtBegin = process.cpuUsage()
      mainAtBegin = mainThreadMs()
    } else if (order === 'end') {
      delay.disable()
      // The histogram counts the timer's own period; what is above it is delay.
      const { user, system } = process.cpuUsage(cpuAtBegin)
      process.send?.({
        mainCpuMs: mainThreadMs() - mainAtBegin,
        allCpuMs: (user + system) / 1000,
        loopP99Ms: Math.max(delay.percentile(99) / 1e6 - 1, 0),
        memoryMb: process.memoryUsage.rss() / 2 ** 20
      })
    } else {
      await stop()
      process.exit(0)
    }
  })
  process.send?.({ port: (server.address() as AddressInfo).port })
}

/** Processor time of the thread that runs the event loop. */
function mainThreadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
