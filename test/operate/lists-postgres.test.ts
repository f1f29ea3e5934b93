import { postgres } from '../engines.ts'
import { operatorLists } from './lists.ts'

operatorLists(postgres)
