import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { IDeployment, IStatefulSet } from 'kubernetes-models/apps/v1'
import type { IIngress, INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1'
import type { IConfigMap, IService } from 'kubernetes-models/v1'
import t from 'tap'
import { parse } from 'yaml'
import packageFile from '../../package.json' with { type: 'json' }
import { unmeasured } from '../run-relay.ts'
import {
  type Cluster,
  clustersOf,
  components,
  foreignComponents,
  manifests,
  overlayWith,
  relayOf,
  secretExample,
  secretFile,
  sets,
  workloadsOf
} from './cluster.ts'
import { instructionOf } from './dockerfile.ts'
import { lastStage, root } from './image.ts'
import { type KubernetesObject, kustomize } from './kustomize.ts'

const clusters = clustersOf(t)
const { sqlite, postgres, exampleSqlite, examplePostgres, grown } = clusters
const examples = [exampleSqlite, examplePostgres]
const relays = [sqlite, postgres].map(cluster => ({ cluster, workload: relayOf(cluster) }))

t.test('every file belongs to something that can be applied, but for the example of the secret', async t => {
  const folders = [
    ...sets.map(name => join(manifests, name)),
    overlayWith(t, [...components, ...foreignComponents])
  ]
  const used = new Set(folders.flatMap(folder => [...kustomize(folder).files]))
  const there = globSync('**/*.{yaml,env}', { cwd: manifests }).map(file => join(manifests, file))
  t.strictSame(
    there.filter(file => !used.has(file)),
    [secretFile]
  )
})

t.test('the examples differ in their store alone', async t => {
  for (const file of ['namespace.yaml', 'ingress.yaml', 'connections.yaml']) {
    const [one, other] = ['example-sqlite', 'example-postgres'].map(name =>
      readFileSync(join(manifests, name, file), 'utf8')
    )
    t.equal(one, other, file)
  }
  const kinds = ({ objects }: Cluster, ...more: string[]) =>
    new Set([...objects.map(({ kind }) => kind), ...more])
  t.strictSame(kinds(exampleSqlite), kinds(sqlite, 'Ingress', 'Namespace'))
  t.strictSame(kinds(examplePostgres), kinds(postgres, 'Ingress', 'Namespace', 'Job'))
})

t.test('what needs PostgreSQL makes nothing of a file', async t => {
  for (const component of ['migrate-job', 'backlog-autoscaler']) {
    t.throws(() => kustomize(overlayWith(t, [component], 'sqlite')), /there is no Deployment seam-relay$/)
    const { patches } = parse(
      readFileSync(join(manifests, 'components', component, 'kustomization.yaml'), 'utf8')
    )
    for (const { target } of patches) t.notOk(target, 'kubectl passes over a target that is not there')
  }
})

t.test('every object is valid for the schemas of Kubernetes', async t => {
  for (const [name, { objects }] of Object.entries(clusters))
    for (const object of [...objects, secretExample]) {
      const model = await modelOf(object)
      t.doesNotThrow(() => model.validate(), `${name}: ${object.kind} ${object.metadata.name}`)
    }
})

t.test('no object has a member that Kubernetes does not know', async t => {
  // The schemas let pass what they do not know; the types do not.
  const lines = Object.values(clusters)
    .flatMap(({ objects }) => [...objects, secretExample])
    .map((object, index) => {
      const { kind, apiVersion } = object
      const type = `import('kubernetes-models/${apiVersion}/${kind}').I${kind}`
      return `export const object${index}: ${type} = ${JSON.stringify(object)}`
    })
  const wrong = lines.find(line => line.includes('periodSeconds'))?.replace('periodSeconds', 'periodSecs')
  const folder = t.testdir({ 'right.ts': lines.join('\n'), 'wrong.ts': String(wrong) })
  t.equal(typeErrors(`${folder}/right.ts`), '')
  t.match(
    typeErrors(`${folder}/wrong.ts`),
    /periodSecs.* does not exist in type 'IProbe'/,
    'which this would find'
  )
})

t.test('names agree: what an object refers to is there', async t => {
  for (const [name, cluster] of Object.entries(clusters)) {
    for (const { object, pod } of workloadsOf(cluster)) {
      t.ok(cluster.get('ServiceAccount', pod.serviceAccountName), name)
      t.equal(
        pod.volumes?.find(each => each.name === 'secrets')?.secret?.secretName,
        secretExample.metadata.name
      )
      for (const volume of pod.volumes ?? [])
        if (volume.configMap != null) t.ok(cluster.get('ConfigMap', volume.configMap.name), volume.name)
      const claims = (object as IStatefulSet).spec?.volumeClaimTemplates ?? []
      const volumes = [...(pod.volumes ?? []), ...claims.map(({ metadata }) => metadata)].map(
        each => each?.name
      )
      const mounts = pod.containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map(each => each.name))
      t.strictSame(
        new Set(mounts),
        new Set(volumes),
        'what is mounted is there, and what is there is mounted'
      )
    }
  }
})

t.test('what selects pods selects the relays, and not the migration', async t => {
  for (const [name, cluster] of Object.entries(clusters)) {
    const { object, template } = relayOf(cluster)
    const others = workloadsOf(cluster).filter(each => each.object !== object)
    const selectors = [
      (object as IDeployment).spec?.selector.matchLabels,
      cluster.get<IService>('Service').spec?.selector,
      ...cluster.objects
        .filter(({ kind }) => kind === 'PodDisruptionBudget')
        .map(each => (each as IPodDisruptionBudget).spec?.selector?.matchLabels),
      ...(template.spec?.topologySpreadConstraints ?? []).map(each => each.labelSelector?.matchLabels)
    ]
    for (const selector of selectors) {
      t.ok(selects(selector, template.metadata?.labels), name)
      for (const other of others) t.notOk(selects(selector, other.template.metadata?.labels), name)
    }
    for (const policy of cluster.objects.filter(({ kind }) => kind === 'NetworkPolicy')) {
      const { matchLabels } = (policy as KubernetesObject & INetworkPolicy).spec?.podSelector ?? {}
      for (const each of workloadsOf(cluster))
        t.ok(selects(matchLabels, each.template.metadata?.labels), 'policies are for all of them')
    }
  }
})

t.test('requests find the port on which the image listens', async t => {
  const listens = Number(instructionOf(lastStage(), 'EXPOSE').rest)
  for (const { cluster, workload } of relays) {
    const [port] = workload.pod.containers[0]?.ports ?? []
    t.match(port, { name: 'http', containerPort: listens })
    const [served] = cluster.get<IService>('Service').spec?.ports ?? []
    t.equal(served?.targetPort, port?.name)
    const { spec } = cluster.get<INetworkPolicy>('NetworkPolicy')
    t.strictSame(
      spec?.ingress?.flatMap(({ ports }) => ports?.map(each => each.port)),
      [listens]
    )
  }
  for (const { objects, get } of examples) {
    const [rule] = get<IIngress>('Ingress').spec?.rules ?? []
    const [path] = rule?.http?.paths ?? []
    const service = objects.find(({ kind }) => kind === 'Service') as IService
    t.match(path, { path: '/webhooks/', backend: { service: { name: service.metadata?.name } } })
    t.equal(path?.backend.service?.port?.name, service.spec?.ports?.[0]?.name)
    const { data } = get<IConfigMap>('ConfigMap', 'seam-relay-settings')
    t.equal(data?.RELAY_PUBLIC_URL, `https://${rule?.host}`, 'which operators are shown')
  }
})

t.test('the image is that of this version, and the examples’ is their own', async t => {
  const images = (cluster: Cluster) =>
    workloadsOf(cluster).flatMap(({ pod }) => pod.containers.map(({ image }) => image))
  for (const image of [sqlite, postgres, grown].flatMap(images))
    t.equal(image, `seam-relay:${packageFile.version}`)
  for (const image of examples.flatMap(images)) t.match(image, /^registry\.example\.com\/seam-relay:/)
})

function selects(selector: Record<string, string> = {}, labels: Record<string, string> = {}): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value)
}

async function modelOf(object: KubernetesObject): Promise<{ validate(): void }> {
  const { [object.kind]: Model } = await import(`kubernetes-models/${object.apiVersion}/${object.kind}`)
  return new Model(object)
}

function typeErrors(file: string): string {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const options = [
    '--noEmit',
    '--ignoreConfig',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--types',
    ''
  ]
  const { stdout } = spawnSync(...unmeasured(process.execPath, [tsc, ...options, relative(root, file)]), {
    cwd: root,
    encoding: 'utf8'
  })
  return stdout
}
