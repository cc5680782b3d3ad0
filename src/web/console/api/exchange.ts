import { addressOf, get, post, rows, type Entry, type Query, type QueryOf, type Schema } from './http'

export type Party = Schema<'ExchangeParty'>
/** `mask` of an item: a kind, "plain" for unmasked, absent for the item's default. */
export type RequestInput = Required<Schema<'ExchangeRequestInput'>>
export type ShareRequest = Schema<'ExchangeRequest'>
export type Grant = Schema<'ExchangeGrant'>
export type Access = Entry<Schema<'ExchangeAccessList'>>
export type Answer = Schema<'ExchangeApproval'>

const requests = '/api/v1/exchange/requests'
const grants = '/api/v1/exchange/grants'

export const listRequests = (query: QueryOf<typeof requests>) => get(requests, { query })
export const readRequest = (id: string) => get(`${requests}/{id}`, { path: { id } })
export const askFor = (body: RequestInput, idempotencyKey: string) => post(requests, { body, idempotencyKey })
export const approveRequest = (id: string, body: Answer) =>
  post(`${requests}/{id}/approve`, { path: { id }, body })
export const refuseRequest = (id: string, reason: string) =>
  post(`${requests}/{id}/refuse`, { path: { id }, body: { reason } })
export const withdrawRequest = (id: string, reason: string) =>
  post(`${requests}/{id}/withdraw`, { path: { id }, body: { reason } })
export const listGrants = (query: QueryOf<typeof grants>) => get(grants, { query })
export const readGrant = (id: string) => get(`${grants}/{id}`, { path: { id } })
export const revokeGrant = (id: string, reason: string) =>
  post(`${grants}/{id}/revoke`, { path: { id }, body: { reason } })
export const listGrantAccesses = (id: string, query: QueryOf<'/api/v1/exchange/grants/{id}/accesses'>) =>
  get(`${grants}/{id}/accesses`, { path: { id }, query })
export const listResourceAccesses = (
  ref: string,
  query: QueryOf<'/api/v1/exchange/resources/{ref}/accesses'>,
) => get('/api/v1/exchange/resources/{ref}/accesses', { path: { ref }, query })

/** First rows in the row language; every call leaves evidence. */
export const readRows = (ref: string, query: Query) => rows(addressOf('/api/v1/data/{ref}', { ref }), query)
