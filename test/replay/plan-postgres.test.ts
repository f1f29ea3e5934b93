import { postgres } from '../engines.ts'
import { plansComeTrue } from './plan.ts'

plansComeTrue(postgres, 3, ['standard'])
