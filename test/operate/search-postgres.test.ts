import { postgres } from '../engines.ts'
import { operatorSearch } from './search.ts'

operatorSearch(postgres)
