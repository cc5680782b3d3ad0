import { act, create, get, put, segment, type Page, type Query, type User } from './http'

export interface Organization {
  code: string
  name: string
  short_name: string
  kind: string
  region: string
  parent: string | null
  status: string
  note: string
}
export interface Client {
  client_id: string
  name: string
  organization: string
  state: string
  created_by: string
  created_at: string
}
export interface NewClient {
  client_id: string
  client_secret: string
  name: string
}
export interface AuditRecord {
  id: string
  at: string
  kind: string
  principal: string
  organization: string
  action: string
  object: string
  detail: { name: string; value: string }[]
}
export interface AuditChain {
  checkpoint: { number: number; at: string; heads: { chain: number; seq: number; hash: string }[] } | null
  verification: { at: string; ok: boolean; records: number; break: string } | null
}
export interface Notice {
  id: string
  at: string
  title: string
  text: string
  link: string
  read: boolean
}
export type Account = User
export interface NewUser {
  username: string
  display_name: string
  organization: string | null
  password: string
}

export const listOrganizations = () => get<Page<Organization>>('/api/v1/organizations')
export const listRegions = () =>
  get<Page<{ code: string; name: string; parent: string | null; level: number }>>('/api/v1/regions')
export const listUsers = (query: Query) => get<Page<Account>>('/api/v1/users', query)
export const createUser = (input: NewUser, key: string) => create<Account>('/api/v1/users', input, key)
export const setRoles = (id: string, roles: string[]) =>
  put<Account>(`/api/v1/users/${segment(id)}/roles`, { roles })
export const listClients = (query: Query) => get<Page<Client>>('/api/v1/clients', query)
export const createClient = (name: string, key: string) => create<NewClient>('/api/v1/clients', { name }, key)
export const disableClient = (id: string) => act<Client>(`/api/v1/clients/${segment(id)}/disable`)
export const listRecords = (query: Query) => get<Page<AuditRecord>>('/api/v1/audit/records', query)
export const readChain = () => get<AuditChain>('/api/v1/audit/chain')
export const auditExportUrl = (from: string, to: string) =>
  `/api/v1/audit/export?from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`
export const listNotices = () => get<Page<Notice>>('/api/v1/me/notices')
export const readNotice = (id: string) => act<void>(`/api/v1/me/notices/${segment(id)}/read`)
