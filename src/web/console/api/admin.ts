import { addressOf, get, post, put, remove, type Entry, type QueryOf, type Schema } from './http'

export type Organization = Entry<Schema<'IdentityOrganizations'>>
export type Client = Schema<'IdentityClient'>
export type NewClient = Schema<'IdentityMadeClient'>
export type AuditRecord = Schema<'AuditRecord'>
export type AuditChain = Schema<'AuditChainStatus'>
export type Notice = Entry<Schema<'EventsNotices'>>
export type ClientSecret = Schema<'IdentityClientSecret'>
export type Lockout = Entry<Schema<'IdentityLockouts'>>
export type TokenKey = Entry<Schema<'IdentitySigningKeys'>>
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
export const listSecrets = (client_id: string) =>
  get('/api/v1/clients/{client_id}/secrets', { path: { client_id } })
export const addSecret = (client_id: string) =>
  post('/api/v1/clients/{client_id}/secrets', { path: { client_id } })
export const retireSecret = (client_id: string, id: string) =>
  post('/api/v1/clients/{client_id}/secrets/{id}/retire', { path: { client_id, id } })
export const setUserState = (id: string, active: boolean) =>
  active
    ? post('/api/v1/users/{id}/enable', { path: { id } })
    : post('/api/v1/users/{id}/disable', { path: { id } })
export const setGrade = (id: string, grade_max: number | null) =>
  put('/api/v1/users/{id}/grade', { path: { id }, body: { grade_max } })
export const endSessions = (id: string) => remove('/api/v1/users/{id}/sessions', { path: { id } })
export const resetTotp = (id: string) => post('/api/v1/users/{id}/totp/reset', { path: { id } })
export const listLockouts = () => get('/api/v1/lockouts')
export const endLockout = (id: string) => remove('/api/v1/lockouts/{id}', { path: { id } })
export const listKeys = () => get('/api/v1/token-keys')
export const rotateKey = (at_once: boolean) => post('/api/v1/token-keys/rotate', { body: { at_once } })
export const listRecords = (query: QueryOf<'/api/v1/audit/records'>) =>
  get('/api/v1/audit/records', { query })
export const readChain = () => get('/api/v1/audit/chain')
export const auditExportUrl = (from: string, to: string) =>
  addressOf('/api/v1/audit/export', {}, { from, to })
export const listNotices = () => get('/api/v1/me/notices')
export const readNotice = (id: string) => post('/api/v1/me/notices/{id}/read', { path: { id } })
