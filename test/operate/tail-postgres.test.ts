import { postgres } from '../engines.ts'
import { operatorTail } from './tail.ts'

operatorTail(postgres)
