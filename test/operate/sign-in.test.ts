import { sqlite } from '../engines.ts'
import { operatorSignIn, signInAlone } from './sign-in.ts'

operatorSignIn(sqlite)
signInAlone()
