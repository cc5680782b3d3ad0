import { addressOf, get, post, put, type Entry, type QueryOf, type Schema } from './http'

export type Organization = Entry<Schema<'IdentityOrganizations'>>
export type Client = Schema<'IdentityClient'>
export type NewClient = Schema<'IdentityMadeClient'>
export type AuditRecord = Schema<'AuditRecord'>
export type AuditChain = Schema<'AuditChainStatus'>
export type Notice = Entry<Schema<'EventsNotices'>>
export type Account = Schema<'IdentityUser'>
export type NewUser = Schema<'IdentityNewUser'>

export const listOrganizations = () => get('/api/v1/organizations')
export const listRegions = () => get('/api/v1/regions')
export const listUsers = (query: QueryOf<'/api/v1/users'>) => get('/api/v1/users', { query })
export const createUser = (body: NewUser, idempotencyKey: string) =>
  post('/api/v1/users', { body, idempotencyKey })
export const setRoles = (id: string, roles: string[]) =>
  put('/api/v1/users/{id}/roles', { path: { id }, body: { roles } })
export const listClients = () => get('/api/v1/clients')
export const createClient = (name: string, idempotencyKey: string) =>
  post('/api/v1/clients', { body: { name }, idempotencyKey })
export const disableClient = (client_id: string) =>
  post('/api/v1/clients/{client_id}/disable', { path: { client_id } })
export const listRecords = (query: QueryOf<'/api/v1/audit/records'>) =>
  get('/api/v1/audit/records', { query })
export const readChain = () => get('/api/v1/audit/chain')
export const auditExportUrl = (from: string, to: string) =>
  addressOf('/api/v1/audit/export', {}, { from, to })
export const listNotices = () => get('/api/v1/me/notices')
export const readNotice = (id: string) => post('/api/v1/me/notices/{id}/read', { path: { id } })
