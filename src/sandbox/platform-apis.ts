import { type FastifyPluginAsyncTypebox, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Platform } from '../platforms/platform.ts'
import type { StandInRequest } from '../platforms/samples.ts'
import type { SandboxStorage } from './storage.ts'
import { PlatformWorlds } from './worlds.ts'

/** One account at a platform, and the `api` settings its stand-in is to expect. */
export interface Account {
  platform: string
  settings: Record<string, string>
}

export interface PlatformApisOptions {
  platforms: Record<string, Pick<Platform, 'standIn'>>
  /** The `api` settings a platform's stand-in is to expect. */
  settingsOf(platform: string): Record<string, string>
  /** A platform's accounts know the same world, and have settings of their own. */
  accountOf(connectionId: string): Account | undefined
  storage: SandboxStorage
}

const Params = Type.Object({ platform: Type.String() })
const AccountParams = Type.Object({ connection: Type.String() })
const Entities = Type.Object({ entities: Type.Record(Type.String(), Type.Unknown()) })

/** Segments before the platform's own path: the empty one, `sandbox`, `platforms` or `connections`, and the name. */
const MOUNT_SEGMENTS = 4

/** The platforms' APIs, played by their stand-ins, and what these know. */
export const platformApis: FastifyPluginAsyncTypebox<PlatformApisOptions> = async (scope, options) => {
  const { platforms, settingsOf, accountOf, storage } = options
  const worlds = new PlatformWorlds(storage)

  scope.register(async (routes: typeof scope) => {
    routes.setValidatorCompiler(TypeBoxValidatorCompiler)
    const url = '/sandbox/platforms/:platform'

    // Below /sandbox/platforms/<name> everything is the platform's, its root too, which may answer anything.
    routes.get(url, { schema: { params: Params } }, async (request, reply) =>
      /^[^?]*\/(?:\?|$)/.test(request.url)
        ? play(ofPlatform(request.params.platform), request, reply)
        : viewOf(request.params.platform)
    )
    routes.put(
      url,
      { schema: { params: Params, body: Entities, response: { 200: Entities } } },
      async request => {
        const world = worlds.of(request.params.platform)
        for (const [name, entity] of Object.entries(request.body.entities)) {
          if (entity === null) world.delete(name)
          else world.set(name, entity)
        }
        storage.commit()
        return viewOf(request.params.platform)
      }
    )
    routes.delete(url, { schema: { params: Params, response: { 200: Entities } } }, async request => {
      worlds.of(request.params.platform).clear()
      storage.commit()
      return viewOf(request.params.platform)
    })
  })

  scope.register(async (routes: typeof scope) => {
    routes.removeAllContentTypeParsers()
    routes.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
    routes.all('/sandbox/platforms/:platform/*', { schema: { params: Params } }, async (request, reply) =>
      play(ofPlatform(request.params.platform), request, reply)
    )
    // Its root has an address of its own where slashes at the end do not count.
    for (const url of ['/sandbox/connections/:connection', '/sandbox/connections/:connection/*']) {
      routes.all(url, { schema: { params: AccountParams } }, async (request, reply) =>
        play(accountOf(request.params.connection), request, reply)
      )
    }
  })

  function viewOf(platform: string) {
    return { entities: Object.fromEntries(worlds.of(platform)) }
  }

  function ofPlatform(platform: string): Account | undefined {
    return Object.hasOwn(platforms, platform) ? { platform, settings: settingsOf(platform) } : undefined
  }

  function play(account: Account | undefined, request: FastifyRequest, reply: FastifyReply) {
    const standIn = account && platforms[account.platform]?.standIn
    if (account === undefined || standIn === undefined)
      return reply.code(404).send({ message: 'no platform is played under this name' })
    const answer = standIn(standInRequest(request), worlds.of(account.platform), account.settings)
    storage.commit()
    return reply
      .code(answer.status)
      .headers(answer.headers ?? {})
      .send(answer.body)
  }
}

function standInRequest(request: FastifyRequest): StandInRequest {
  const { pathname, searchParams } = new URL(request.url, 'http://sandbox')
  const names = [...new Set(searchParams.keys())]
  return {
    method: request.method,
    // As it was written: an encoded slash in an id stays one.
    path: `/${pathname.split('/').slice(MOUNT_SEGMENTS).join('/')}`,
    query: Object.fromEntries(names.map(name => [name, searchParams.getAll(name)])),
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(', ')])
    ),
    body: bodyOf(request)
  }
}

function bodyOf(request: FastifyRequest): unknown {
  if (typeof request.body !== 'string' || request.body === '') return undefined
  if (request.headers['content-type']?.includes('application/x-www-form-urlencoded')) {
    return Object.fromEntries(new URLSearchParams(request.body))
  }
  try {
    return JSON.parse(request.body)
  } catch {
    return undefined
  }
}
