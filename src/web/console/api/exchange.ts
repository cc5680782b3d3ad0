import { create, get, post, segment, type Page, type Query } from './http'

export interface Party {
  code: string
  name: string
}
export interface RequestInput {
  resource: string
  /** `mask`: a kind, "plain" for unmasked, absent for the item's default. */
  items: { column: string; mask?: string; reason?: string }[]
  row_filter: string
  basis: string
  scene: string
  scope: string
  purpose: string
  mode: string
  months: number
}
export interface ShareRequest extends Omit<RequestInput, 'resource' | 'items'> {
  id: string
  resource: { ref: string; name: string; provider: Party }
  asker: Party
  asked_by: string
  items: { column: string; name: string; mask: string; reason: string }[]
  state: string
  by_rule: boolean
  limit_days: number
  due_at: string
  days_left: number | null
  light: string | null
  provisional: boolean
  answer: string
  answered_by: string
  answered_at: string | null
  grant_id: string | null
  version: number
  created_at: string
}
export interface Grant extends Omit<RequestInput, 'resource' | 'items' | 'months'> {
  id: string
  request: string
  resource: { ref: string; name: string }
  provider: Party
  organization: Party
  fields: { column: string; label: string; mask: string }[]
  starts_at: string
  ends_at: string
  state: string
  ended_reason: string
  ended_at: string | null
  version: number
}
export interface Access {
  id: string
  at: string
  principal: string
  organization: string
  resource: string
  grant: string
  channel: string
  purpose: string
  fields: string[]
  rows: number
  outcome: string
}
export interface Answer {
  note?: string
  /** column -> a mask that shows no more than what was asked */
  masks?: Record<string, string>
  drop?: string[]
}

const root = '/api/v1/exchange'
const request = (id: string) => `${root}/requests/${segment(id)}`
const grant = (id: string) => `${root}/grants/${segment(id)}`

export const listRequests = (query: Query) => get<Page<ShareRequest>>(`${root}/requests`, query)
export const readRequest = (id: string) => get<ShareRequest>(request(id))
export const askFor = (input: RequestInput, key: string) =>
  create<ShareRequest>(`${root}/requests`, input, key)
export const approveRequest = (id: string, answer: Answer) =>
  post<ShareRequest>(`${request(id)}/approve`, answer)
export const refuseRequest = (id: string, reason: string) =>
  post<ShareRequest>(`${request(id)}/refuse`, { reason })
export const withdrawRequest = (id: string, reason: string) =>
  post<ShareRequest>(`${request(id)}/withdraw`, { reason })
export const listGrants = (query: Query) => get<Page<Grant>>(`${root}/grants`, query)
export const readGrant = (id: string) => get<Grant>(grant(id))
export const revokeGrant = (id: string, reason: string) => post<Grant>(`${grant(id)}/revoke`, { reason })
export const listGrantAccesses = (id: string, query: Query) =>
  get<Page<Access>>(`${grant(id)}/accesses`, query)
export const listResourceAccesses = (ref: string, query: Query) =>
  get<Page<Access>>(`${root}/resources/${segment(ref)}/accesses`, query)

/** First rows in the row language; every call leaves evidence. */
export const readRows = (ref: string, query: Query) =>
  get<Record<string, unknown>[]>(`/api/v1/data/${segment(ref)}`, query)
