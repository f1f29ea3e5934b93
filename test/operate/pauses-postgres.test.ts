import { postgres } from '../engines.ts'
import { operatorPauses } from './pauses.ts'

operatorPauses(postgres)
