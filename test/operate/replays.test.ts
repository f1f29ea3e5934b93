import { sqlite } from '../engines.ts'
import { operatorReplays } from './replays.ts'

operatorReplays(sqlite)
