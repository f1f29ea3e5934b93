import type { SandboxStorage } from './storage.ts'

/** What each platform's stand-in knows: path-like name → entity. Told by samples, kept like the rest. */
export class PlatformWorlds {
  readonly #storage: SandboxStorage
  readonly #worlds = new Map<string, Map<string, unknown>>()

  constructor(storage: SandboxStorage) {
    this.#storage = storage
    const saved = storage.load('world').map(({ key, value }) => {
      const [platform, name]: [string, string] = JSON.parse(key)
      return { platform, name, entity: JSON.parse(value) as unknown }
    })
    for (const [platform, entities] of Map.groupBy(saved, each => each.platform)) {
      this.#open(
        platform,
        entities.map(({ name, entity }) => [name, entity])
      )
    }
  }

  of(platform: string): Map<string, unknown> {
    return this.#worlds.get(platform) ?? this.#open(platform, [])
  }

  #open(platform: string, saved: [string, unknown][]): Map<string, unknown> {
    const world = new KeptMap(saved, (name, entity) =>
      this.#storage.keep(
        'world',
        JSON.stringify([platform, name]),
        entity === undefined ? undefined : JSON.stringify(entity)
      )
    )
    this.#worlds.set(platform, world)
    return world
  }
}

/** A map that tells of every change, since a stand-in may write into its world too. */
class KeptMap extends Map<string, unknown> {
  readonly #keep: (name: string, entity: unknown) => void

  constructor(saved: [string, unknown][], keep: (name: string, entity: unknown) => void) {
    super()
    this.#keep = keep
    for (const [name, entity] of saved) super.set(name, entity)
  }

  override set(name: string, entity: unknown): this {
    this.#keep(name, entity)
    return super.set(name, entity)
  }

  override delete(name: string): boolean {
    this.#keep(name, undefined)
    return super.delete(name)
  }

  override clear(): void {
    for (const name of this.keys()) this.#keep(name, undefined)
    super.clear()
  }
}
