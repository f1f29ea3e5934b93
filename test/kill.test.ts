import { kill } from './kill.ts'

kill({ engine: 'SQLite', kills: 20, address: async t => `file:${t.testdirName}/relay.db` })
