import { METHODS } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import findMyWay from 'find-my-way'
import { sendProblem } from './problem.ts'

/** Every method that Node can read, but these. */
export function methodsBut(scope: FastifyInstance, taken: string[]): HTTPMethods[] {
  return scope.supportedMethods.filter(method => !taken.includes(method)) as HTTPMethods[]
}

/**
 * Answers a method that an address does not take with 405 and those that it takes, and what is no address with 404; both without
 * waiting for a body. To be called before the routes are made.
 * @param maxParamLength as the server has it
 */
export function refuseOtherMethods(app: FastifyInstance, maxParamLength: number): void {
  for (const method of METHODS) if (!app.supportedMethods.includes(method)) app.addHttpMethod(method)

  // One place for all addresses: a route for each method that is refused would be some 35 an address, and a quarter of a start.
  const addresses = findMyWay({ ignoreTrailingSlash: true, maxParamLength })
  const takenAt = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    const taken = takenAt.get(url) ?? new Set()
    if (!takenAt.has(url)) addresses.on('GET', url, () => undefined, taken)
    takenAt.set(url, taken)
    for (const each of [method].flat()) taken.add(each)
  })

  app.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done()
    const taken: Set<string> | null | undefined = addresses.find('GET', request.url)?.store
    if (!taken) return void sendProblem(reply, 404, 'RELAY_NOT_FOUND')
    refuse(reply, [...taken])
  })
}

/** For an address that another one, of which a part varies, would answer for: `/things/new` beside `/things/:id`. */
export function refuseOthers(scope: FastifyInstance, url: string, taken: string[]): void {
  const onRequest = async (_request: FastifyRequest, reply: FastifyReply) => refuse(reply, taken)
  scope.route({ url, method: methodsBut(scope, taken), onRequest, handler: onRequest })
}

function refuse(reply: FastifyReply, taken: string[]): FastifyReply {
  return sendProblem(reply.header('allow', taken.join(', ')), 405, 'RELAY_METHOD_NOT_ALLOWED')
}
