import { callsConvergence } from './calls-convergence.ts'
import { runs, sqlite } from './engines.ts'

callsConvergence(sqlite, runs(25))
