import { sqlite } from '../engines.ts'
import { operatorCounts } from './counts.ts'

operatorCounts(sqlite)
