import { sqlite } from '../engines.ts'
import { operatorSearch } from './search.ts'

operatorSearch(sqlite)
