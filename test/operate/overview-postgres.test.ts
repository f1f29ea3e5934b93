import { postgres } from '../engines.ts'
import { operatorOverview } from './overview.ts'

operatorOverview(postgres)
