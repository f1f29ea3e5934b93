/** As of a program that ends by SIGPIPE. */
const EXIT_PIPE = 141

/** The part of a stream that its errors need. */
interface Written {
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown
}

/** Whoever reads what is written may have seen enough, as `head` has: then there is nothing left to do, and nothing wrong. */
export function endWithReader(out: Written, exit: (code: number) => void): void {
  out.on('error', error => {
    if (error.code !== 'EPIPE') throw error
    exit(EXIT_PIPE)
  })
}
