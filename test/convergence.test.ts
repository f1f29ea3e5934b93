import { convergence } from './convergence.ts'
import { runs, sqlite } from './engines.ts'

convergence(sqlite, runs(45))
