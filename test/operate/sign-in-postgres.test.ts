import { postgres } from '../engines.ts'
import { operatorSignIn } from './sign-in.ts'

operatorSignIn(postgres)
