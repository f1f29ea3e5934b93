import { sqlite } from '../engines.ts'
import { operatorLists } from './lists.ts'

operatorLists(sqlite)
