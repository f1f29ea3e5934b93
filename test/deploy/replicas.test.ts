import type { IDeployment, IStatefulSet } from 'kubernetes-models/apps/v1'
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2'
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1'
import type { IConfigMap } from 'kubernetes-models/v1'
import t from 'tap'
import { settingOf } from '../../src/config/settings.ts'
import { run } from '../cli/terminal.ts'
import { clustersOf, workloadsOf } from './cluster.ts'

const { sqlite, postgres, grown } = clustersOf(t)

t.test('never two relays on one file', async t => {
  const { spec } = sqlite.get<IStatefulSet>('StatefulSet')
  t.equal(spec?.replicas, 1)
  const [claim] = spec?.volumeClaimTemplates ?? []
  t.strictSame(claim?.spec?.accessModes, ['ReadWriteOncePod'])
  t.match(spec?.persistentVolumeClaimRetentionPolicy, { whenDeleted: 'Retain', whenScaled: 'Retain' })
  t.notOk(sqlite.objects.some(({ kind }) => /Deployment|HorizontalPodAutoscaler/.test(kind)))
})

t.test(
  'with PostgreSQL none goes before another is ready, and connections suffice for all of them',
  async t => {
    const { spec } = postgres.get<IDeployment>('Deployment')
    t.match(spec?.strategy, { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } })
    t.ok(
      Number(spec?.replicas) >
        Number(postgres.get<IPodDisruptionBudget>('PodDisruptionBudget').spec?.maxUnavailable)
    )
    const { maxReplicas, minReplicas } =
      grown.get<IHorizontalPodAutoscaler>('HorizontalPodAutoscaler').spec ?? {}
    t.equal(minReplicas, spec?.replicas)
    // Of 100, PostgreSQL keeps 3 for its administrators; some are for the migration, commands and whoever watches.
    const [others, stopping] = [5, 2]
    const most = Number(maxReplicas) + Number(spec?.strategy?.rollingUpdate?.maxSurge) + stopping
    t.ok(most * Number(settingOf('RELAY_DATABASE_POOL').default) <= 97 - others)
  }
)

t.test('the autoscaler alone says how many there are', async t => {
  const target = grown.get<IHorizontalPodAutoscaler>('HorizontalPodAutoscaler').spec?.scaleTargetRef
  const { apiVersion, kind, metadata, spec } = grown.get<IDeployment>('Deployment')
  t.same(target, { apiVersion, kind, name: metadata.name })
  t.notOk(Object.hasOwn(Object(spec), 'replicas'))
})

t.test('with the migration as a job, relays do not migrate, and the job does nothing else', async t => {
  t.match(grown.get<IConfigMap>('ConfigMap', 'seam-relay-settings').data, { RELAY_MIGRATE: 'never' })
  const job = workloadsOf(grown).find(({ object }) => object.kind === 'Job')
  const [container] = job?.pod.containers ?? []
  t.strictSame(container?.args, ['migrate'])
  t.equal((await run([...(container?.args ?? []), '--help'])).code, 0, 'which is a command of the relay')
  t.notOk(container?.command, 'the image knows how to run it')
})
