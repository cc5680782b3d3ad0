// The routes of the API as types, read from the document that the server publishes: what a path takes and
// answers is written nowhere else. `./dev types` makes api-types.ts again.
import type { components, paths } from './api-types'

export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name]
/** One entry of a list reply. */
export type Entry<List extends { items: unknown[] }> = List['items'][number]

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'
/** Paths that answer to a method. */
export type Path<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, object> ? P : never
}[keyof paths]

type Route<M extends Method, P extends keyof paths> = M extends keyof paths[P] ? paths[P][M] : never
type Scalar = string | number | boolean | null | undefined

type PathPart<R> = R extends { parameters: { path: infer T } } ? { path: T } : { path?: undefined }
type BodyPart<R> = R extends { requestBody: { content: { 'application/json': infer T } } }
  ? { body: T }
  : { body?: undefined }
/** Where the route wants If-Match, the version that the user saw has to be told. */
type VersionPart<R> = R extends { parameters: { header: { 'If-Match': string } } }
  ? { version: number | string }
  : { version?: number | string }

export type QueryOf<P extends Path<'get'>> = Route<'get', P> extends { parameters: { query?: infer Q } }
  ? { [Name in keyof Q]?: Scalar }
  : never

export interface Options {
  idempotencyKey?: string
  signal?: AbortSignal
  headers?: Record<string, string>
}
/** What a route takes: path parameters, query, body and version, each where the document names it. */
export type Input<M extends Method, P extends keyof paths> = PathPart<Route<M, P>> &
  BodyPart<Route<M, P>> &
  VersionPart<Route<M, P>> &
  Options & { query?: Route<M, P> extends { parameters: { query?: infer Q } } ? { [Name in keyof Q]?: Scalar } : never }
/** The input as an argument that may be left out where nothing in it is needed. */
export type Argument<M extends Method, P extends keyof paths> =
  Record<never, never> extends Input<M, P> ? [input?: Input<M, P>] : [input: Input<M, P>]

export type ReplyBody<M extends Method, P extends keyof paths> =
  Route<M, P> extends { responses: { '2XX': { content: { 'application/json': infer T } } } } ? T : void
