import { kill } from './kill.ts'
import { emptyDatabase } from './postgres/empty-database.ts'
import { restartablePostgres } from './postgres/server.ts'

kill({
  engine: 'PostgreSQL',
  kills: 6,
  // Its commits are on disk; those of the server that all tests share are not.
  address: async t => emptyDatabase(t, { server: (await restartablePostgres(t)).url }),
  // What a dead relay had is another one's once its lease has run out.
  env: { RELAY_LEASE_MS: '2000', RELAY_SEAM_TIMEOUT_MS: '1500', RELAY_HYDRATION_TIMEOUT_MS: '1500' }
})
