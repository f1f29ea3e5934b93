import { sqlite } from '../engines.ts'
import { plansComeTrue } from './plan.ts'

plansComeTrue(sqlite, 6)
