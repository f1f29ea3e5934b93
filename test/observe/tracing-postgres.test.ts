import { postgres } from '../engines.ts'
import { traces } from './traces.ts'

traces(postgres)
