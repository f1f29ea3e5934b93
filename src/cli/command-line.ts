import { Command } from 'commander'
import type { Terminal } from './cli.ts'
import { health } from './health.ts'

/** Is told the exit code of the command that ran. */
export type Ended = (code: number) => void

/** The program before it has commands. */
export function bareProgram({ out, err }: Terminal): Command {
  return new Command('seam-relay')
    .configureOutput({ writeOut: text => void out.write(text), writeErr: text => void err.write(text) })
    .exitOverride()
    .showHelpAfterError()
}

/** `seam-relay health`: apart from the other commands, as it has to run without what those load. */
export function withHealth(program: Command, { env, out }: Terminal, ended: Ended): Command {
  program
    .command('health')
    .description('ask the running relay whether its process responds; the exit code says so too')
    .option('--ready', 'whether requests may be sent to it: the store answers, and it is not about to stop')
    .option('--url <origin>', 'where the relay listens; HOST and PORT by default')
    .action(async options =>
      ended(await health({ ...options, env, say: line => void out.write(`${line}\n`) }))
    )
  return program
}
