import { runs, sqlite } from '../engines.ts'
import { orderOfChanges } from './order.ts'

orderOfChanges(sqlite, runs(120))
