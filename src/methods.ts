import { METHODS } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import { sendProblem } from './problem.ts'

/** Every method that Node can read, but these. */
export function methodsBut(scope: FastifyInstance, taken: string[]): HTTPMethods[] {
  for (const method of METHODS.filter(each => !scope.supportedMethods.includes(each))) {
    scope.addHttpMethod(method)
  }
  return scope.supportedMethods.filter(method => !taken.includes(method)) as HTTPMethods[]
}

/** Answers every other method of an address with a problem document. */
export function refuseOthers(scope: FastifyInstance, url: string, taken: string[]): void {
  const refuse = async (_request: FastifyRequest, reply: FastifyReply) =>
    sendProblem(reply.header('allow', taken.join(', ')), 405, 'RELAY_METHOD_NOT_ALLOWED')
  scope.route({ url, method: methodsBut(scope, taken), onRequest: refuse, handler: refuse })
}
