// What 账号安全 asks of the documented API.
import { call, post, read, type Schema } from '../api'
import type { Entry } from '../contract'
import { t } from '../i18n'

export type Security = Schema<'IdentitySecurity'>
export type SessionEntry = Entry<Schema<'IdentitySessions'>>
export type TotpOffer = Schema<'IdentityTotpOffer'>

export type OutsideProvider = Entry<Schema<'IdentityProviders'>>
export const providers = async () => (await read('/api/v1/session/providers')).items
export const nameOf = (one: OutsideProvider) => one.label ?? t('统一身份认证', 'single sign-on')
export const unlinkOutside = () => call('delete', '/api/v1/me/outside')
export const security = () => read('/api/v1/me/security')
export const changePassword = (present: string, password: string) =>
  call('put', '/api/v1/me/password', { body: { present, password } })
export const offerTotp = () => post('/api/v1/me/totp')
export const confirmTotp = (code: string) => post('/api/v1/me/totp/confirm', { body: { code } })
export const removeTotp = (code: string) => post('/api/v1/me/totp/remove', { body: { code } })
export const renewCodes = (code: string) => post('/api/v1/me/totp/recovery-codes', { body: { code } })
export const sessions = () => read('/api/v1/me/sessions')
export const endSession = (id: string) => call('delete', '/api/v1/me/sessions/{id}', { path: { id } })
export const endOthers = () => call('delete', '/api/v1/me/sessions')
