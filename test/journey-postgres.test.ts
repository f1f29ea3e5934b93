import { postgres } from './engines.ts'
import { journey } from './journey.ts'

journey(postgres)
