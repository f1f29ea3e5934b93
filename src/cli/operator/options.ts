import { type Command, Option } from 'commander'
import { deliveryStates } from '../../operate/schemas/deliveries.ts'
import { instantOrAge } from '../arguments.ts'

/** Options that several commands of operators have in common. */

/** Where to ask, and for whom the answer is. */
export function asked(command: Command): Command {
  return command
    .option('--url <origin>', 'ask a relay elsewhere; by default the store of the settings')
    .option('--token-file <path>', 'holds the token for --url; RELAY_ADMIN_TOKEN by default')
    .option('--json', 'print JSON')
}

/** For commands that show people. */
export function revealing(command: Command): Command {
  return command.option('--reveal', 'show people unmasked; the audit log records who did')
}

/** For commands that choose deliveries; `filterIn` reads them. */
export function filtered(command: Command): Command {
  return command
    .option('--connection <id>', 'of this connection; @callers: of internal services')
    .addOption(new Option('--state <state>', 'their state').choices([...deliveryStates]))
    .option('--type <event>', 'the platform’s name of an event')
    .option('--booking <id>', 'of a booking: the platform’s id, or the key at Seam')
    .option('--text <beginning>', 'how the id begins, the relay’s or the platform’s')
    .option('--since <time>', 'at or after: a time, or how long ago, such as 2h or 3d', instantOrAge)
    .option('--until <time>', 'before', instantOrAge)
}

/** What is paused, or goes on. */
export function naming(command: Command): Command {
  return command
    .option('--connection <id>', 'what it sends is taken in, and waits')
    .option('--workspace <id>', 'nothing is sent there')
    .option('--customer <key>', 'of the workspace: nothing is sent of it')
}
