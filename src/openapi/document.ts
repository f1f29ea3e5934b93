import swagger, { type FastifyDynamicSwaggerOptions, type SwaggerTransformObject } from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { withComponents } from './components.ts'

const introduction = `The relay takes webhooks of booking platforms and calls of your own services, works out what Seam should hold of a customer's places, people and stays, and keeps pushing until Seam agrees. Whatever is answered with 200 is on disk.`

const tags = [
  {
    name: 'Seam',
    description: 'Seam’s own calls, kept on disk and put in order; answered in Seam’s envelope.'
  },
  {
    name: 'Events',
    description: 'The relay’s own events, for services that speak of reservations, guests and listings.'
  },
  { name: 'Deliveries', description: 'What became of what was sent.' },
  {
    name: 'Webhooks',
    description: 'Where booking platforms send to. How a request proves itself is a matter of the platform.'
  },
  {
    name: 'Operators',
    description:
      'For those who look after the relay: what came, what became of it, and what does not go on. People are masked unless the caller asks to reveal.'
  },
  { name: 'Health', description: 'For load balancers, supervisors and Prometheus.' },
  { name: 'Documentation', description: 'This document, for programs and for people.' }
]

type OpenApi = Extract<Parameters<SwaggerTransformObject>[0], { openapiObject: unknown }>

const options: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Seam relay',
      version: '1',
      description: introduction,
      license: { name: 'MIT', identifier: 'MIT' }
    },
    servers: [{ url: '/', description: 'The relay that serves this document.' }],
    tags,
    components: {
      securitySchemes: {
        key: {
          type: 'http',
          scheme: 'bearer',
          description: 'A key of a service, seam_relay_…; `seam-relay keys create` makes one.'
        },
        operator: {
          type: 'http',
          scheme: 'bearer',
          description:
            'RELAY_ADMIN_TOKEN, or a key that sees all customers and workspaces and has the scope read, operate or admin; each may what the one before it may.'
        },
        metrics: {
          type: 'http',
          scheme: 'bearer',
          description: 'What RELAY_METRICS_TOKEN is, where that is set.'
        }
      }
    }
  },
  // What a route does not say of itself is no part of the service: the sandbox, and methods that are only refused.
  hideUntagged: true,
  convertConstToEnum: false,
  // The other kind of document, Swagger 2, is not asked for.
  transformObject: document => withComponents((document as OpenApi).openapiObject)
}

/** Before any route that the document is to tell of. */
export function describeRoutes(app: FastifyInstance): void {
  app.register(swagger, options)
}
