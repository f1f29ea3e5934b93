/**
 * The address of a file beside another one, with the same extension: the sources run as they are, and the build beside them as
 * JavaScript. @param ofFile `import.meta.url` of the other one @param name without an extension
 */
export function beside(ofFile: string, name: string): URL {
  return new URL(ofFile.replace(/[^/]+(\.\w+)$/, `${name}$1`))
}
