// The shared client, with one addition: a session that ended leads to the sign-in page and back.
import * as api from '@shared/api'
import type { Argument, Path, ReplyBody } from '@shared/contract'
import { parseRows } from '@shared/rows'

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

export function get<P extends Path<'get'>>(path: P, ...argument: Argument<'get', P>): Promise<ReplyBody<'get', P>> {
  return guarded(api.read(path, ...argument))
}

export function post<P extends Path<'post'>>(path: P, ...argument: Argument<'post', P>): Promise<ReplyBody<'post', P>> {
  return guarded(api.post(path, ...argument))
}

export async function put<P extends Path<'put'>>(path: P, ...argument: Argument<'put', P>): Promise<ReplyBody<'put', P>> {
  return (await guarded(api.call<'put', P>('put', path, ...argument))).body
}

export async function remove<P extends Path<'delete'>>(path: P, ...argument: Argument<'delete', P>): Promise<void> {
  await guarded(api.call<'delete', P>('delete', path, ...argument))
}

/** Rows in the row language: their columns are the entry's, not the document's. */
export async function rows(path: string, query: api.Query): Promise<Record<string, unknown>[]> {
  const reply = api.request<Record<string, unknown>[]>('GET', api.withQuery(path, query), undefined, { parse: parseRows })
  return (await guarded(reply)).body
}

export function upload<P extends Path<'post'>>(path: P, file: File, progress: (share: number) => void): Promise<ReplyBody<'post', P>> {
  return guarded(api.upload(path, file, progress))
}

export { addressOf, ApiError, messageOf, newIdempotencyKey } from '@shared/api'
export type { Page, Problem, Query, Schema, User } from '@shared/api'
export type { Entry, QueryOf } from '@shared/contract'
