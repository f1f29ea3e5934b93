/**
 * Notices calls about one customer that were under way at the same time: the relay promises never to make such.
 * A call is under way from its first byte here until it is answered, or until its caller hangs up.
 */
export class InFlight {
  readonly #onOverlap: (customer: string) => void
  readonly #open = new Map<string, number>()
  readonly #ended = new Map<string, number>()
  #tick = 0

  constructor(onOverlap: (customer: string) => void) {
    this.#onOverlap = onOverlap
  }

  begin(): Flight {
    this.#tick += 1
    const began = this.#tick
    let customers: string[] = []
    return {
      concerns: named => {
        customers = [...new Set(named)]
        for (const customer of customers) {
          const open = this.#open.get(customer) ?? 0
          const endedSince = (this.#ended.get(customer) ?? 0) > began
          if (open > 0 || endedSince) this.#onOverlap(customer)
          this.#open.set(customer, open + 1)
        }
      },
      end: () => {
        this.#tick += 1
        for (const customer of customers) {
          this.#ended.set(customer, this.#tick)
          this.#open.set(customer, Number(this.#open.get(customer)) - 1)
        }
        customers = []
      }
    }
  }
}

export interface Flight {
  /** Said once the body is read. */
  concerns(customers: string[]): void
  /** Harmless when repeated. */
  end(): void
}
