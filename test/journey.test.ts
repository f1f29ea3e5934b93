import { sqlite } from './engines.ts'
import { journey } from './journey.ts'

journey(sqlite)
