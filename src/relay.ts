import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { settingsHash } from './connections.ts'
import type { Steps } from './loops.ts'
import { platformOf } from './platforms/platform.ts'
import { facesOf } from './relay/faces.ts'
import { groundOf, type RelayOptions } from './relay/ground.ts'
import { workOf } from './relay/work.ts'
import { canReadPlaces } from './translate/places.ts'

/** The journey, put together: rooms around one store. Nothing moves before {@link Relay.listen} and {@link Relay.run}. */
export interface Relay {
  app: FastifyInstance
  /** @returns the origin under which this machine reaches the relay */
  listen(): Promise<string>
  /** Starts the loops. */
  run(): void
  /** One step of each room, for those who set the pace themselves. */
  steps: Steps
  /** /readyz says no from now on; everything else goes on. */
  drain(): void
  /** Ends the loops, then the listener, then the store. @param patienceMs after so long, calls under way are broken off */
  stop(patienceMs: number): Promise<void>
}

export function assembleRelay(options: RelayOptions): Relay {
  const { config, store, platforms, now } = options
  let draining = false
  let stopped: Promise<void> | undefined

  const ground = groundOf(options)
  const work = workOf(ground)
  const { app, rejections } = facesOf(ground, () => draining)
  const { connectionSettings, placeReadings, recover } = ground

  /** What was left by the process before, or by other settings. */
  async function begin(): Promise<void> {
    const connections = ground.connectionsNow()
    await recover(
      connections.map(each => each.id),
      now()
    )
    await connectionSettings.redrawChanged(connections, settingsHash, now())
    const asked = connections.filter(each => canReadPlaces(platformOf(platforms, each), each))
    await store.commit(asked.map(each => placeReadings.wantNamed(each, now())))
  }

  async function stop(patienceMs: number): Promise<void> {
    const patience = setTimeout(() => ground.abort.abort(), patienceMs)
    await work.stop()
    clearTimeout(patience)
    await app.close()
    await rejections.flushed()
    await Promise.all([work.close(), ground.closeSeams()])
    await store.close()
  }

  return {
    app,
    async listen() {
      await app.listen({ host: config.host, port: config.port })
      const { port } = app.server.address() as AddressInfo
      const host = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host
      const origin = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
      ground.settle(origin)
      // Only now: the port is ours.
      await begin()
      return origin
    },
    run: work.run,
    steps: work.steps,
    drain() {
      draining = true
      // Who waits has its call on disk, and may ask another relay about it.
      ground.signals.end()
    },
    stop(patienceMs) {
      draining = true
      ground.signals.end()
      stopped ??= stop(patienceMs)
      return stopped
    }
  }
}
