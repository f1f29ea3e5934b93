import { postgres, runs } from '../engines.ts'
import { orderOfChanges } from './order.ts'

orderOfChanges(postgres, runs(20))
