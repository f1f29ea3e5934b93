import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'

/** An object of Kubernetes, as far as all of them are alike. */
export interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; labels?: Record<string, string> }
  [member: string]: unknown
}

export interface Built {
  objects: KubernetesObject[]
  /** Every file that was read. */
  files: Set<string>
}

interface Kustomization {
  kind: 'Kustomization' | 'Component'
  apiVersion: string
  namespace?: string
  resources?: string[]
  components?: string[]
  configMapGenerator?: Generator[]
  /** Without a target they look like the object that they change. */
  patches?: { target?: { kind: string; name: string }; patch: string }[]
  images?: { name: string; newName: string; newTag: string }[]
}

interface Generator {
  name: string
  behavior?: 'create' | 'merge' | 'replace'
  envs?: string[]
  files?: string[]
  literals?: string[]
}

interface Operation {
  op: 'add' | 'replace' | 'remove'
  path: string
  value?: unknown
}

const members = new Set(
  'apiVersion kind namespace resources components configMapGenerator patches images'.split(' ')
)

/**
 * What `kubectl kustomize` makes of a folder, as far as ours go; names of generated ConfigMaps come without their hash.
 * @throws TypeError at anything else, rather than to read it wrongly
 */
export function kustomize(folder: string): Built {
  const built: Built = { objects: [], files: new Set() }
  add(folder, built)
  return built
}

/** A component changes what is there already; anything else brings its own, and changes that alone. */
function add(folder: string, built: Built): void {
  const file = join(folder, 'kustomization.yaml')
  const kustomization: Kustomization = parse(readText(file, built))
  for (const member of Object.keys(kustomization))
    if (!members.has(member)) throw new TypeError(`${file}: ${member} is not read`)
  const { resources = [], components = [], configMapGenerator = [] } = kustomization
  const own: Built = kustomization.kind === 'Component' ? built : { objects: [], files: built.files }
  for (const resource of resources) addResource(join(folder, resource), own)
  for (const component of components) add(join(folder, component), own)
  for (const generator of configMapGenerator) generate(folder, generator, own)
  for (const { target, patch } of kustomization.patches ?? []) {
    const wanted: { kind: string; name: string } = target ?? shownBy(parse(patch))
    const object = own.objects.find(
      ({ kind, metadata }) => kind === wanted.kind && metadata.name === wanted.name
    )
    if (object === undefined) throw new TypeError(`${file}: there is no ${wanted.kind} ${wanted.name}`)
    if (target === undefined) merge(object, parse(patch))
    else for (const operation of parse(patch)) change(object, operation)
  }
  for (const image of kustomization.images ?? []) rename(own.objects, image)
  if (kustomization.namespace !== undefined)
    for (const { kind, metadata } of own.objects)
      if (kind !== 'Namespace') metadata.namespace = kustomization.namespace
  if (own !== built) built.objects.push(...own.objects)
}

function addResource(path: string, built: Built): void {
  if (statSync(path).isDirectory()) {
    add(path, built)
    return
  }
  for (const document of parseAllDocuments(readText(path, built))) {
    if (document.errors.length > 0) throw new TypeError(`${path}: ${document.errors[0]?.message}`)
    const object: KubernetesObject = document.toJS()
    const taken = built.objects.some(
      ({ kind, metadata }) => kind === object.kind && metadata.name === object.metadata.name
    )
    if (taken) throw new TypeError(`${path}: there is a ${object.kind} ${object.metadata.name} already`)
    built.objects.push(object)
  }
}

function generate(folder: string, { name, behavior = 'create', ...sources }: Generator, built: Built): void {
  const known = built.objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name)
  if ((known === undefined) !== (behavior === 'create')) throw new TypeError(`${folder}: ${behavior} ${name}`)
  const data: Record<string, string> = {}
  for (const env of sources.envs ?? [])
    for (const line of readText(join(folder, env), built).split('\n'))
      if (line !== '' && !line.startsWith('#')) Object.assign(data, assignment(line))
  for (const literal of sources.literals ?? []) Object.assign(data, assignment(literal))
  for (const file of sources.files ?? []) data[basename(file)] = readText(join(folder, file), built)
  if (known === undefined)
    built.objects.push({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data })
  else known.data = behavior === 'merge' ? Object.assign({}, known.data, data) : data
}

function assignment(line: string): Record<string, string> {
  const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? []
  if (name === '') throw new TypeError(`not read: ${line}`)
  return { [name]: value }
}

/** RFC 6902, for what is there; `add` is for members that are not. */
function change(object: KubernetesObject, { op, path, value }: Operation): void {
  const names = path.split('/').slice(1)
  const last = names.pop()?.replaceAll('~1', '/') ?? ''
  const parent = names.reduce<unknown>((at, name) => Object(at)[name.replaceAll('~1', '/')], object)
  if (typeof parent !== 'object' || parent === null || Array.isArray(parent))
    throw new TypeError(`${path} is no member`)
  if (Object.hasOwn(parent, last) !== (op !== 'add'))
    throw new TypeError(`${op} ${path}: it is ${op === 'add' ? 'there' : 'not there'}`)
  if (op === 'replace' || op === 'add') Object(parent)[last] = value
  else if (op === 'remove') delete Object(parent)[last]
  else throw new TypeError(`${op} is not read`)
}

function shownBy({ kind, metadata }: KubernetesObject): { kind: string; name: string } {
  return { kind, name: metadata.name }
}

/** A strategic merge patch without lists, of which each has rules of its own; null takes a member away. */
function merge(into: object, patch: object): void {
  for (const [name, value] of Object.entries(patch)) {
    if (Array.isArray(value)) throw new TypeError(`${name}: lists are not read`)
    if (value === null) delete Object(into)[name]
    else if (typeof value === 'object') merge(Object(into)[name], value)
    else Object(into)[name] = value
  }
}

function rename(value: unknown, image: { name: string; newName: string; newTag: string }): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'image' && String(inner).startsWith(`${image.name}:`))
      Object(value)[key] = `${image.newName}:${image.newTag}`
    else rename(inner, image)
  }
}

function readText(path: string, built: Built): string {
  if (!existsSync(path)) throw new TypeError(`there is no ${path}`)
  built.files.add(path)
  return readFileSync(path, 'utf8')
}
