// Calls of the documented API: CSRF header, problem+json as a readable error, nothing else.
import type { Argument, Method, Options, Path, ReplyBody, Schema } from './contract'
import { chinese } from './i18n'

export type { Schema } from './contract'
/** RFC 9457; what no server of ours wrote has a title at least. */
export type Problem = Pick<Schema<'Problem'>, 'type' | 'title' | 'status'> & Partial<Schema<'Problem'>>

export class ApiError extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(sentence(problem))
    this.name = 'ApiError'
    this.problem = problem
  }
  get status(): number {
    return this.problem.status
  }
  /** Kind of refusal, e.g. "identity.bad-credentials". */
  get code(): string {
    return this.problem.type.replace(/^.*\/problems\//, '')
  }
  /** Reason for one place of the body, by JSON pointer. */
  at(pointer: string): string | undefined {
    return this.problem.errors?.find((error) => error.pointer === pointer)?.detail
  }
}

export type User = Schema<'IdentityUser'>
export type Session = Schema<'IdentitySession'>
/** A page of any list. */
export interface Page<T> {
  items: T[]
  next_cursor?: string | null
  total?: number
}
export interface Reply<T> {
  body: T
  version?: string
  headers: Headers
}

export type Query = Record<string, string | number | boolean | null | undefined>
interface Sent extends Options {
  version?: number | string
  /** Reads the reply, in place of JSON.parse. */
  parse?: (text: string) => unknown
}
interface Parts extends Sent {
  path?: Record<string, string>
  query?: Query
  body?: unknown
}

let session: Promise<Session | null> | undefined

/** Who is signed in, asked once per page; null when nobody is. */
export function currentSession(again = false): Promise<Session | null> {
  if (!session || again) {
    session = read('/api/v1/session').catch((error: unknown) => {
      session = undefined
      if (error instanceof ApiError && error.status === 401) {
        return null
      }
      throw error
    })
  }
  return session
}

/** `code`: one-time or recovery code, once the server has answered "identity.code-needed". */
export async function signIn(username: string, password: string, code = ''): Promise<Session> {
  const body = code ? { username, password, code } : { username, password }
  const found = await call('post', '/api/v1/session', { body })
  session = Promise.resolve(found.body)
  return found.body
}

export async function signOut(): Promise<void> {
  await call('delete', '/api/v1/session')
  session = undefined
}

export function withQuery(path: string, query?: Query): string {
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== '')
  if (pairs.length === 0) {
    return path
  }
  const search = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))
  return `${path}${path.includes('?') ? '&' : '?'}${search}`
}

/** The address of a route with its parameters in place. */
export function addressOf(path: string, parameters: Record<string, string> = {}, query?: Query): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ''))
  return withQuery(filled, query)
}

/** A documented JSON route; ApiError for every refusal, also when the server cannot be reached. */
export function call<M extends Method, P extends Path<M>>(
  method: M,
  path: P,
  ...argument: Argument<M, P>
): Promise<Reply<ReplyBody<M, P>>> {
  const { path: parameters, query, body, ...sent } = (argument[0] ?? {}) as Parts
  return request(method.toUpperCase(), addressOf(path, parameters, query), body, sent)
}

/** GET, body only. */
export async function read<P extends Path<'get'>>(path: P, ...argument: Argument<'get', P>): Promise<ReplyBody<'get', P>> {
  return (await call<'get', P>('get', path, ...argument)).body
}

/** POST, body only. */
export async function post<P extends Path<'post'>>(path: P, ...argument: Argument<'post', P>): Promise<ReplyBody<'post', P>> {
  return (await call<'post', P>('post', path, ...argument)).body
}

/** An address from elsewhere (the page, a reply), or rows, whose shape no document can say. */
export async function request<T>(method: string, path: string, body?: unknown, options: Sent = {}): Promise<Reply<T>> {
  const headers: Record<string, string> = {
    Accept: 'application/json',
    'Accept-Language': chinese() ? 'zh-CN' : 'en',
    ...options.headers,
  }
  if (body !== undefined) {
    headers['Content-Type'] = 'application/json'
  }
  if (options.version !== undefined) {
    headers['If-Match'] = `"${options.version}"`
  }
  if (options.idempotencyKey) {
    headers['Idempotency-Key'] = options.idempotencyKey
  }
  if (method !== 'GET') {
    Object.assign(headers, await csrfHeader(method, path))
  }
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: 'same-origin',
      signal: options.signal,
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') {
      throw error
    }
    throw unreachable()
  }
  const text = await response.text()
  if (!response.ok) {
    if (response.status === 401) {
      session = undefined
    }
    throw new ApiError(asProblem(response.status, text))
  }
  return {
    body: (text ? (options.parse ?? JSON.parse)(text) : undefined) as T,
    version: response.headers.get('ETag')?.replace(/^W\/|"/g, ''),
    headers: response.headers,
  }
}

/** Sends a file as the raw body and tells the share sent (0..1); fetch cannot report that. */
export async function upload<P extends Path<'post'>>(
  path: P,
  file: File,
  progress: (share: number) => void,
): Promise<ReplyBody<'post', P>> {
  const csrf = await csrfHeader('POST', path)
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', withQuery(path, { name: file.name }))
    request.setRequestHeader('Content-Type', file.type || 'application/octet-stream')
    request.setRequestHeader('Accept', 'application/json')
    request.setRequestHeader('Accept-Language', chinese() ? 'zh-CN' : 'en')
    for (const [name, value] of Object.entries(csrf)) {
      request.setRequestHeader(name, value)
    }
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) {
        progress(event.loaded / event.total)
      }
    }
    request.onerror = () => reject(unreachable())
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) {
        progress(1)
        resolve(JSON.parse(request.responseText) as ReplyBody<'post', P>)
      } else {
        reject(new ApiError(asProblem(request.status, request.responseText)))
      }
    }
    request.send(file)
  })
}

/** One key for each thing the user means to create, so that a retry does not create it twice. */
export function newIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function csrfHeader(method: string, path: string): Promise<Record<string, string>> {
  // Signing in has no session yet, and asking for one would only fail.
  if (method === 'POST' && path === '/api/v1/session') {
    return {}
  }
  const found = await currentSession()
  return found ? { 'X-CSRF-Token': found.csrf_token } : {}
}

function asProblem(status: number, text: string): Problem {
  try {
    const found = JSON.parse(text) as Partial<Problem>
    if (typeof found.title === 'string') {
      return { type: 'about:blank', status, ...found } as Problem
    }
  } catch {
    // A proxy's page, not ours.
  }
  return {
    type: 'about:blank',
    status,
    title: chinese() ? `服务器答复 ${status}，请稍后重试` : `The server answered ${status}; try again later`,
  }
}

function unreachable(): ApiError {
  return new ApiError({
    type: 'about:blank',
    status: 0,
    title: chinese() ? '连不上服务器，请检查网络后重试' : 'The server cannot be reached; check the network and try again',
  })
}

function sentence(problem: Problem): string {
  const parts = [problem.title]
  if (problem.detail && problem.detail !== problem.title) {
    parts.push(problem.detail)
  }
  return parts.join(chinese() ? '：' : ': ')
}

/** What to show for anything caught. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
