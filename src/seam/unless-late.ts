import type { Dispatcher } from 'undici'

/**
 * A request that is refused at the very moment at which it would be written, if it is too late for it by then. What is done
 * when its time is up comes from a timer, and in a process that stood still a connection that is ready may be served before
 * any timer.
 */
export function unlessLate(
  handler: Dispatcher.DispatchHandler,
  isLate: () => boolean
): Dispatcher.DispatchHandler {
  return {
    onRequestStart(controller, context) {
      if (isLate()) throw new DOMException('too late to be sent', 'TimeoutError')
      handler.onRequestStart?.(controller, context)
    },
    onResponseStart: (controller, status, headers, text) =>
      handler.onResponseStart?.(controller, status, headers, text),
    onResponseData: (controller, chunk) => handler.onResponseData?.(controller, chunk),
    onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers),
    onResponseError: (controller, error) => handler.onResponseError?.(controller, error)
  }
}
