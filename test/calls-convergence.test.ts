import { callsConvergence } from './calls-convergence.ts'
import { runs, sqliteOnFile } from './engines.ts'

callsConvergence(sqliteOnFile, runs(25))
