import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely'

type Read = (query: CompiledQuery) => Promise<Record<string, unknown>[]>

/** Kysely's way to an engine that opens, shares and gives back its connections itself, and has no interactive transactions. */
export class ReadDriver implements Driver {
  readonly #read: Read
  readonly init = nothing
  readonly releaseConnection = nothing
  readonly destroy = nothing
  readonly beginTransaction = refuseTransaction
  readonly commitTransaction = refuseTransaction
  readonly rollbackTransaction = refuseTransaction

  constructor(read: Read) {
    this.#read = read
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return new ReadConnection(this.#read)
  }
}

async function nothing(): Promise<void> {}

async function refuseTransaction(): Promise<never> {
  throw new TypeError('the store has no interactive transactions; use commit()')
}

class ReadConnection implements DatabaseConnection {
  readonly #read: Read

  constructor(read: Read) {
    this.#read = read
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return { rows: (await this.#read(query)) as R[] }
  }

  streamQuery(): never {
    throw new TypeError('the store does not stream; page by key')
  }
}
