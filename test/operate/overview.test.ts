import { sqlite } from '../engines.ts'
import { operatorOverview } from './overview.ts'

operatorOverview(sqlite)
