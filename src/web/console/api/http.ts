// The shared client, with one addition: a session that ended leads to the sign-in page and back.
import * as api from '@shared/api'

let ended: () => void = () => undefined
export function onSessionEnd(run: () => void): void {
  ended = run
}

async function guarded<T>(reply: Promise<T>): Promise<T> {
  try {
    return await reply
  } catch (error) {
    if (error instanceof api.ApiError && error.status === 401) {
      ended()
    }
    throw error
  }
}

export function get<T>(path: string, query?: api.Query, options?: api.Options): Promise<T> {
  return guarded(api.read<T>(path, query, options))
}

async function send<T>(method: string, path: string, body?: unknown, version?: number): Promise<T> {
  return (await guarded(api.call<T>(method, path, body, { version }))).body
}

/** Changes something; `version` is the one the user saw, sent as If-Match. */
export function post<T>(path: string, body: unknown = {}, version?: number): Promise<T> {
  return send<T>('POST', path, body, version)
}

/** A POST route that takes no body at all. */
export function act<T>(path: string, version?: number): Promise<T> {
  return send<T>('POST', path, undefined, version)
}

export function put<T>(path: string, body: unknown, version?: number): Promise<T> {
  return send<T>('PUT', path, body, version)
}

export function remove(path: string, version?: number): Promise<void> {
  return send<void>('DELETE', path, undefined, version)
}

/** Creates something once, however often the answer gets lost: the caller keeps the key until it succeeds. */
export async function create<T>(path: string, body: unknown, key: string): Promise<T> {
  return (await guarded(api.call<T>('POST', path, body, { idempotencyKey: key }))).body
}

export function upload<T>(path: string, file: File, progress: (share: number) => void): Promise<T> {
  return guarded(api.upload<T>(path, file, progress))
}

export const segment = encodeURIComponent
export { ApiError, messageOf, newIdempotencyKey, withQuery } from '@shared/api'
export type { Page, Problem, Query, User } from '@shared/api'
