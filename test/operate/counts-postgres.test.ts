import { postgres } from '../engines.ts'
import { operatorCounts } from './counts.ts'

operatorCounts(postgres)
