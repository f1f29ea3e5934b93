import { RelayError } from '../../errors.ts'
import type { Platform } from '../../platforms/platform.ts'
import type { Terminal } from '../cli.ts'
import { harmlessIn, harmlessJson } from '../terminal/harmless.ts'
import { type Moments, momentsAt } from '../terminal/moments.ts'
import { type Screen, screenOf } from '../terminal/screen.ts'
import { usage } from '../usage.ts'
import type { OperatorClient, Query } from './client.ts'

/** What the commands for operators have in common. */
export interface OperatorCommand {
  /** Of a relay elsewhere; the store of the settings unless told. */
  url?: string | undefined
  tokenFile?: string | undefined
  json?: boolean | undefined
  /** People as they are. */
  reveal?: boolean | undefined
  terminal: Terminal
  platforms: Record<string, Platform>
  now(): number
}

/** Where an operator's command works: what it asks, and how it says what it was told. */
export interface Desk {
  json: boolean
  screen: Screen
  moments(): Moments
  /** For programs as it came; for people without anything that a terminal would obey. */
  get<T>(path: string, query?: Query): Promise<T>
  /** As it came, where a part of it leads on. */
  getRaw<T>(path: string, query?: Query): Promise<T>
  /** Undefined where there is nothing of that name. */
  find<T>(path: string, query?: Query): Promise<T | undefined>
  post<T>(path: string, body: object, query?: Query): Promise<T>
  delete(path: string): Promise<void>
  client: OperatorClient
  reveal: Query
  say(line: string): void
  /** Beside what programs read. */
  note(line: string): void
  sayJson(value: unknown): void
}

/** @throws RelayError as the client does; whatever comes, what was opened is closed */
export async function atDesk(
  command: OperatorCommand,
  work: (desk: Desk) => Promise<number>
): Promise<number> {
  const client = await clientOf(command)
  try {
    return await work(deskOf(command, client))
  } finally {
    await client.close()
  }
}

/** What assembles a relay is loaded only by those who need one. */
async function clientOf({ url, tokenFile, terminal, platforms }: OperatorCommand): Promise<OperatorClient> {
  const { env, err } = terminal
  if (url === undefined) {
    if (tokenFile !== undefined) {
      throw usage('--token-file goes with --url; over the store no token is needed')
    }
    const { operatorOverStore } = await import('./store.ts')
    return operatorOverStore({ env, platforms, err })
  }
  const { operatorOverHttp } = await import('./http.ts')
  return operatorOverHttp({ url, tokenFile, env })
}

/** @param client whom it asks; somebody else closes it */
export function deskOf(
  { json = false, reveal, terminal, now }: OperatorCommand,
  client: OperatorClient
): Desk {
  const { out, err } = terminal
  const revealing: Query = reveal === true ? { reveal: true } : {}
  const say = (line: string) => void out.write(`${line}\n`)
  const note = (line: string) => void err.write(`${line}\n`)
  const shown = <T>(value: T) => (json ? value : harmlessIn(value))
  const getRaw = <T>(path: string, query: Query = {}) =>
    client.ask<T>('GET', path, { query: { ...query, ...revealing } })

  return {
    json,
    screen: screenOf(terminal),
    moments: () => momentsAt(now()),
    getRaw,
    get: async (path, query) => shown(await getRaw(path, query)),
    async find<T>(path: string, query?: Query) {
      try {
        return shown(await getRaw<T>(path, query))
      } catch (error) {
        if (isNotFound(error)) return undefined
        throw error
      }
    },
    post: async (path, body, query = {}) => shown(await client.ask('POST', path, { body, query })),
    async delete(path) {
      await client.ask('DELETE', path)
    },
    client,
    reveal: revealing,
    say,
    note: json ? note : say,
    sayJson: value => say(harmlessJson(value))
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof RelayError && error.code === 'RELAY_NOT_FOUND'
}
