import { postgres } from '../engines.ts'
import { operatorReplays } from './replays.ts'

operatorReplays(postgres)
