import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { IDeployment, IStatefulSet } from 'kubernetes-models/apps/v1'
import type { IJob } from 'kubernetes-models/batch/v1'
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import { type IConfigMap, type IPod, type IPodSpec, type ISecret, Pod } from 'kubernetes-models/v1'
import t from 'tap'
import { parse } from 'yaml'
import { loadConfig } from '../../src/config.ts'
import { samples } from '../docs/documents.ts'
import {
  type Cluster,
  clustersOf,
  environmentOf,
  loadedIn,
  moreSecretValues,
  readerOf,
  relayOf,
  secretExample,
  secretFile,
  secretValues,
  uncommented,
  type Workload,
  wholeExample,
  workloadsOf
} from './cluster.ts'
import { instructionOf } from './dockerfile.ts'
import { lastStage, root } from './image.ts'
import type { KubernetesObject } from './kustomize.ts'

const clusters = clustersOf(t)
const { sqlite, postgres, exampleSqlite, examplePostgres } = clusters
const examples = [exampleSqlite, examplePostgres]
const relays = [sqlite, postgres].map(cluster => ({ cluster, workload: relayOf(cluster) }))
/** From the page on production. */
const restoring: IPod = parse(samples.find(({ text }) => text.includes('kind: Pod\n'))?.text ?? '')

/** s */
function longestStart({ pod }: Workload): number {
  const { periodSeconds, failureThreshold } = pod.containers[0]?.startupProbe ?? {}
  return Number(periodSeconds) * Number(failureThreshold)
}

t.test('probes ask what the relay answers', async t => {
  const { paths } = parse(readFileSync(join(root, 'openapi/relay.yaml'), 'utf8'))
  for (const { workload } of relays) {
    const [container] = workload.pod.containers
    for (const [probe, path] of [
      [container?.startupProbe, '/livez'],
      [container?.livenessProbe, '/livez'],
      [container?.readinessProbe, '/readyz']
    ] as const) {
      t.match(probe?.httpGet, { path, port: 'http' })
      t.ok(paths[path]?.get, path)
    }
    t.ok(Number(container?.readinessProbe?.timeoutSeconds) > 2, 'longer than /readyz waits for the store')
    t.equal(longestStart(workload), 1800)
  }
})

t.test('a start or a migration that takes its time is no failed rollout', async t => {
  const { progressDeadlineSeconds, minReadySeconds } = postgres.get<IDeployment>('Deployment').spec ?? {}
  t.ok(Number(progressDeadlineSeconds) > longestStart(relayOf(postgres)) + Number(minReadySeconds))
  const job = examplePostgres.get<IJob>('Job', 'seam-relay-migrate').spec
  // The longest that Kubernetes waits before it starts a container again: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
  const mostBackOff = 300
  t.ok(
    Number(examplePostgres.get<IDeployment>('Deployment').spec?.progressDeadlineSeconds) >
      Number(job?.activeDeadlineSeconds) + mostBackOff + Number(minReadySeconds)
  )
  t.ok(Number(job?.ttlSecondsAfterFinished) <= 600, 'in the way of the next settings for a while only')
})

t.test('the settings are settings, with files for the secrets, and so are the connections', async t => {
  for (const [name, cluster] of Object.entries(clusters)) {
    for (const workload of workloadsOf(cluster))
      t.doesNotThrow(() => loadConfig(environmentOf(cluster, workload), readerOf(cluster, workload)), name)
    const { config, connections } = loadedIn(cluster, relayOf(cluster))
    t.equal(config.sandbox, false, name)
    if (examples.includes(cluster)) t.strictSame(connections.warnings, [])
    else t.match(connections.warnings, [/connections: is empty/], 'somebody’s own are still to come')
  }
  for (const example of examples) {
    const { connections } = loadedIn(example, relayOf(example))
    t.strictSame(
      connections.connections.map(({ id, secrets }) => [id, secrets.token]),
      [['lakeside', ['made-up-token-of-a-platform']]]
    )
  }
})

t.test('the example of the secret has what is asked for, and nobody starts with it as it stands', async t => {
  const { stringData = {} } = secretExample
  for (const [name, cluster] of Object.entries(clusters)) {
    for (const workload of workloadsOf(cluster)) {
      const env = environmentOf(cluster, workload)
      const asked = Object.entries(env).filter(
        ([key]) => key.endsWith('_FILE') && key !== 'RELAY_CONNECTIONS_FILE'
      )
      t.ok(asked.length > 0)
      for (const [key, path] of asked)
        t.ok(Object.hasOwn(stringData, String(path.split('/').at(-1))), `${name}: ${key}`)
      const readFile = readerOf(cluster, workload, stringData)
      t.throws(() => loadConfig(env, readFile), {
        code: 'RELAY_CONFIG_INVALID',
        message: /^SEAM_API_KEY: give /m
      })
    }
    t.notOk(
      cluster.objects.some(({ kind }) => kind === 'Secret'),
      'it is not applied'
    )
  }
})

t.test(
  'nobody starts either with a single value of the example of the secret that is not filled in',
  async t => {
    for (const example of examples) {
      const relay = relayOf(example)
      const files = Object.entries(environmentOf(example, relay)).filter(([, path]) =>
        path.startsWith('/run/secrets/')
      )
      t.ok(files.length > 1)
      for (const [, path] of files) {
        const key = String(path.split('/').at(-1))
        const secrets = { ...secretValues, [key]: String(secretExample.stringData?.[key]) }
        t.throws(() => loadedIn(example, relay, secrets), { code: 'RELAY_CONFIG_INVALID' }, key)
      }
    }
  }
)

t.test('a relay with a file brings it up to date itself, and nobody else does', async t => {
  for (const cluster of [sqlite, exampleSqlite]) {
    t.equal(loadedIn(cluster, relayOf(cluster)).config.migrate, 'start')
    t.equal(workloadsOf(cluster).length, 1, 'there is no Job, to which the volume is not given')
  }
})

t.test('what the examples and their secret have commented out can be put in', async t => {
  const { stringData = {} }: ISecret = parse(uncommented(readFileSync(secretFile, 'utf8')))
  const whole = wholeExample(t, 'example-postgres')
  for (const key of Object.keys(moreSecretValues)) t.ok(Object.hasOwn(stringData, key), key)
  Object.assign(Object(whole.get<IConfigMap>('ConfigMap', 'seam-relay-settings').data), {
    RELAY_DATABASE_POOLER: 'transaction'
  })
  const configOf = (workload: Workload) =>
    loadConfig(environmentOf(whole, workload), readerOf(whole, workload, moreSecretValues))
  const { Deployment: relay, Job: job } = Object.fromEntries(
    workloadsOf(whole).map(workload => [workload.object.kind, configOf(workload)])
  )
  t.match(relay, {
    databaseUrl: moreSecretValues.DATABASE_URL,
    databasePooler: 'transaction',
    migrate: 'never',
    adminToken: moreSecretValues.RELAY_ADMIN_TOKEN
  })
  t.match(job, { databaseUrl: moreSecretValues.MIGRATE_DATABASE_URL, databasePooler: 'none' })
  const file = wholeExample(t, 'example-sqlite')
  t.match(loadedIn(file, relayOf(file), moreSecretValues).config, {
    migrate: 'start',
    adminToken: moreSecretValues.RELAY_ADMIN_TOKEN
  })
  for (const key of ['DATABASE_URL', 'MIGRATE_DATABASE_URL']) {
    const [, mountPath, ca = ''] = /sslrootcert=(.*)\/([^/]+)>$/.exec(String(stringData[key])) ?? []
    t.ok(Object.hasOwn(stringData, ca), key)
    const mounts = relayOf(whole).pod.containers[0]?.volumeMounts
    t.equal(mounts?.find(({ name }) => name === 'secrets')?.mountPath, mountPath)
  }
})

t.test('a stop has the time that the relay takes for it', async t => {
  for (const { cluster, workload } of relays) {
    const { drainDelayMs, shutdownTimeoutMs } = loadedIn(cluster, workload).config
    t.ok(drainDelayMs < shutdownTimeoutMs)
    t.ok(Number(workload.pod.terminationGracePeriodSeconds) * 1000 >= shutdownTimeoutMs + 5000)
  }
})

t.test('pods keep the strictest rules that Kubernetes has for them', async t => {
  const [uid, gid] = instructionOf(lastStage(), 'USER').rest.split(':').map(Number)
  const pods = Object.values(clusters).flatMap(cluster => workloadsOf(cluster).map(({ pod }) => pod))
  for (const pod of [...pods, restoring.spec as IPodSpec]) {
    t.match(pod, { automountServiceAccountToken: false, enableServiceLinks: false })
    t.match(pod.securityContext, {
      runAsNonRoot: true,
      runAsUser: uid,
      runAsGroup: gid,
      fsGroup: gid,
      seccompProfile: { type: 'RuntimeDefault' }
    })
    for (const { securityContext, resources } of pod.containers) {
      t.same(securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] }
      })
      t.ok(resources?.requests?.memory && resources.requests.cpu && resources.limits?.memory)
      t.notOk(resources?.limits?.cpu)
    }
    t.notOk(pod.hostNetwork ?? pod.hostPID ?? pod.hostIPC)
  }
})

t.test('all that is written goes to the volume', async t => {
  const volume = `${instructionOf(lastStage(), 'WORKDIR').rest}/data`
  for (const { cluster, workload } of relays) {
    const writable = workload.pod.containers
      .flatMap(({ volumeMounts = [] }) => volumeMounts)
      .filter(({ readOnly }) => readOnly !== true)
      .map(({ mountPath }) => mountPath)
    const { databaseUrl } = loadedIn(cluster, workload).config
    if (cluster === sqlite) {
      t.strictSame(writable, [volume])
      t.ok(databaseUrl.startsWith(`file:${volume}/`))
    } else {
      t.strictSame(writable, [])
      t.match(databaseUrl, /^postgres:/)
    }
  }
})

t.test('the pod that puts a backup in place gets the volume of the relay', async t => {
  new Pod(restoring).validate()
  const { metadata, spec } = sqlite.get<IStatefulSet>('StatefulSet')
  const [claim] = spec?.volumeClaimTemplates ?? []
  const [volume] = restoring.spec?.volumes ?? []
  t.equal(volume?.persistentVolumeClaim?.claimName, `${claim?.metadata?.name}-${metadata.name}-0`)
  const [mount] = restoring.spec?.containers[0]?.volumeMounts ?? []
  t.match(mount, { name: volume?.name, mountPath: `${instructionOf(lastStage(), 'WORKDIR').rest}/data` })
  t.notOk(restoring.metadata?.labels, 'no Service sends it webhooks')
})

t.test('relays get out to names, HTTPS and their database, and nowhere else', async t => {
  const ports = (cluster: Cluster) =>
    cluster.objects
      .filter(({ kind }) => kind === 'NetworkPolicy')
      .flatMap(policy => (policy as KubernetesObject & INetworkPolicy).spec?.egress ?? [])
      .flatMap(({ ports = [] }) => ports.map(({ protocol, port }) => `${protocol} ${port}`))
  t.strictSame(ports(sqlite), ['UDP 53', 'TCP 53', 'TCP 443'])
  t.strictSame(ports(postgres), ['UDP 53', 'TCP 53', 'TCP 443', 'TCP 5432'])
})
