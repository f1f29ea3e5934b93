import { convergence } from './convergence.ts'
import { postgres, runs } from './engines.ts'

convergence(postgres, runs(5))
