import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { IConfigMap, IPodSpec, IPodTemplateSpec, ISecret } from 'kubernetes-models/v1'
import type { Test } from 'tap'
import { parse } from 'yaml'
import { type Config, loadConfig } from '../../src/config.ts'
import { type LoadedConnections, loadConnections } from '../../src/connections.ts'
import { platforms } from '../../src/platforms/registry.ts'
import { instructionsOf, pairs } from './dockerfile.ts'
import { lastStage, root } from './image.ts'
import { type KubernetesObject, kustomize } from './kustomize.ts'

export const manifests = join(root, 'deploy/kubernetes')
export const secretFile = join(manifests, 'secret.example.yaml')
export const secretExample: KubernetesObject & ISecret = parse(readFileSync(secretFile, 'utf8'))

/** What is applied at once. */
export interface Cluster {
  objects: KubernetesObject[]
  /** @throws TypeError where there is none */
  get<T>(kind: string, name?: string): T & KubernetesObject
}

/** The folders of deploy/kubernetes that are applied as they are, and those that are added to the second. */
export const sets = ['sqlite', 'postgres', 'example-sqlite', 'example-postgres']
export const components = ['migrate-job', 'backlog-autoscaler', 'metrics']
/** Those whose objects are no part of Kubernetes, so that there are no schemas of them here. */
export const foreignComponents = ['pod-monitor']

function clusterOf(folder: string): Cluster {
  const { objects } = kustomize(folder)
  return {
    objects,
    get<T>(kind: string, name = 'seam-relay') {
      const found = objects.find(each => each.kind === kind && each.metadata.name === name)
      if (found === undefined) throw new TypeError(`there is no ${kind} ${name}`)
      return found as T & KubernetesObject
    }
  }
}

/** Everything that can be applied. `grown` is the PostgreSQL set with all components. */
export function clustersOf(t: Test) {
  return {
    sqlite: clusterOf(join(manifests, 'sqlite')),
    postgres: clusterOf(join(manifests, 'postgres')),
    exampleSqlite: clusterOf(join(manifests, 'example-sqlite')),
    examplePostgres: clusterOf(join(manifests, 'example-postgres')),
    grown: clusterOf(overlayWith(t, components))
  }
}

/** A set with components, as an overlay of somebody else has it. */
export function overlayWith(t: Test, components: string[], set = 'postgres'): string {
  const folder = t.testdir({ 'kustomization.yaml': '' })
  const path = (name: string) => relative(folder, join(manifests, name))
  return t.testdir({
    'kustomization.yaml': JSON.stringify({
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: [path(set)],
      components: components.map(name => path(`components/${name}`))
    })
  })
}

/** With what is commented out: `#` and no space, or more than the one that begins a sentence. */
export function uncommented(yaml: string): string {
  return yaml.replace(/^( *)#(?=\S| {2})/gm, '$1')
}

/** An example as it is with all that it has commented out. */
export function wholeExample(t: Test, name: string): Cluster {
  const example = join(manifests, name)
  const {
    resources,
    components = [],
    configMapGenerator,
    ...rest
  } = parse(uncommented(readFileSync(join(example, 'kustomization.yaml'), 'utf8')))
  const folder = t.testdir({ 'kustomization.yaml': '' })
  const path = (name: string) => relative(folder, join(example, name))
  const generators = configMapGenerator.map(({ files, ...generator }: { files?: string[] }) => ({
    ...generator,
    ...(files && { files: files.map(path) })
  }))
  const whole = {
    ...rest,
    resources: resources.map(path),
    components: components.map(path),
    configMapGenerator: generators
  }
  return clusterOf(t.testdir({ 'kustomization.yaml': JSON.stringify(whole) }))
}

export interface Workload {
  object: KubernetesObject
  template: IPodTemplateSpec
  pod: IPodSpec
}

/** Whatever makes pods. */
export function workloadsOf({ objects }: Cluster): Workload[] {
  return objects.flatMap(object => {
    const template = (object.spec as { template?: IPodTemplateSpec } | undefined)?.template
    return template?.spec == null ? [] : [{ object, template, pod: template.spec }]
  })
}

/** The one whose pods are relays. */
export function relayOf(cluster: Cluster): Workload {
  const found = workloadsOf(cluster).find(({ object }) => object.kind !== 'Job')
  if (found === undefined) throw new TypeError('there is no relay')
  return found
}

/** Values that a real Secret may have, for the keys of the example. */
export const secretValues: Record<string, string> = {
  SEAM_API_KEY: 'seam_made_up_for_this_test',
  DATABASE_URL: 'postgres://relay:made-up@postgres.example.com:5432/relay?sslmode=verify-full',
  LAKESIDE_TOKEN: 'made-up-token-of-a-platform'
}

/** Values for what is commented out there as well. */
export const moreSecretValues: Record<string, string> = {
  ...secretValues,
  MIGRATE_DATABASE_URL: 'postgres://owner:made-up@postgres.example.com:5432/relay?sslmode=verify-full',
  RELAY_ADMIN_TOKEN: 'made-up-token-of-an-operator'
}

/** The settings of a container: those of the image, of its ConfigMaps, and its own, of which the later ones count. */
export function environmentOf(cluster: Cluster, { pod }: Workload): Record<string, string> {
  const image = instructionsOf(lastStage(), 'ENV').map(({ rest }) => pairs(rest))
  const maps = pod.containers.flatMap(({ envFrom = [] }) =>
    envFrom.map(({ configMapRef }) => cluster.get<IConfigMap>('ConfigMap', configMapRef?.name).data)
  )
  const own = pod.containers.flatMap(({ env = [] }) => env.map(({ name, value = '' }) => ({ [name]: value })))
  return Object.assign({}, ...image, ...maps, ...own)
}

/** Reads as a container does: what its volumes mount, and nothing else. */
export function readerOf(
  cluster: Cluster,
  { pod }: Workload,
  secrets = secretValues
): (path: string) => string {
  const files = new Map<string, string>()
  for (const { name, mountPath } of pod.containers.flatMap(({ volumeMounts = [] }) => volumeMounts)) {
    const volume = pod.volumes?.find(each => each.name === name)
    if (volume?.configMap?.name != null) {
      const { data } = cluster.get<IConfigMap>('ConfigMap', volume.configMap.name)
      for (const [key, text] of Object.entries(data ?? {})) files.set(`${mountPath}/${key}`, text)
    }
    if (volume?.secret?.secretName === secretExample.metadata.name)
      for (const [key, text] of Object.entries(secrets)) files.set(`${mountPath}/${key}`, text)
  }
  return path => {
    const text = files.get(path)
    if (text === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' })
    return text
  }
}

/** As the relay finds them in a container. @throws RelayError RELAY_CONFIG_INVALID as it would there */
export function loadedIn(
  cluster: Cluster,
  workload: Workload,
  secrets = secretValues
): { config: Config; connections: LoadedConnections } {
  const env = environmentOf(cluster, workload)
  const readFile = readerOf(cluster, workload, secrets)
  const config = loadConfig(env, readFile)
  return { config, connections: loadConnections({ config, env, platforms, readFile }) }
}
