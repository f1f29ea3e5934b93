import { sqlite } from '../engines.ts'
import { operatorTail, tailAlone } from './tail.ts'

operatorTail(sqlite)
tailAlone()
