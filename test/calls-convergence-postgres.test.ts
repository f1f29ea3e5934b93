import { callsConvergence } from './calls-convergence.ts'
import { postgres, runs } from './engines.ts'

callsConvergence(postgres, runs(8))
