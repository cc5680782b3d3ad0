import { addressOf, get, post, type QueryOf, type Schema } from './http'

export type CaseBrief = Schema<'ServiceCaseBrief'>
export type Case = Schema<'ServiceCase'>
export type ServiceItem = Schema<'ServiceItem'>
export type Objection = Schema<'ServiceObjection'>

const cases = '/api/v1/services/cases'
const one = '/api/v1/services/cases/{case_no}'
const objections = '/api/v1/services/objections'

export const listCases = (query: QueryOf<typeof cases>) => get(cases, { query })
export const readCase = (case_no: string) => get(one, { path: { case_no } })
export const readItem = (code: string) => get('/api/v1/services/items/{code}', { path: { code } })
export const acceptCase = (case_no: string, version: number, note: string) =>
  post(`${one}/accept`, { path: { case_no }, version, body: { note } })
export const askSupplement = (
  case_no: string,
  version: number,
  missing: { code: string; reason: string }[],
  note: string,
) => post(`${one}/supplement`, { path: { case_no }, version, body: { missing, note } })
export const refuseCase = (case_no: string, version: number, reason: string) =>
  post(`${one}/refuse`, { path: { case_no }, version, body: { reason } })
export const startReview = (case_no: string, version: number, note: string) =>
  post(`${one}/start-review`, { path: { case_no }, version, body: { note } })
export const decideCase = (case_no: string, version: number, result: 'grant' | 'refuse', reason: string) =>
  post(`${one}/decide`, { path: { case_no }, version, body: { result, reason } })
export const closeCase = (case_no: string, version: number, note: string) =>
  post(`${one}/close`, { path: { case_no }, version, body: { note } })
export const attachmentFile = (id: string) => addressOf('/api/v1/services/attachments/{id}', { id })
export const receiptPage = (case_no: string) => addressOf(`${one}/receipt`, { case_no })
export const decisionPage = (case_no: string) => addressOf(`${one}/decision`, { case_no })

export const listObjections = (query: QueryOf<typeof objections>) => get(objections, { query })
export const readObjection = (id: string) => get(`${objections}/{id}`, { path: { id } })
/** The register was wrong: what was mended. */
export const acceptObjection = (id: string, version: number, mended: string) =>
  post(`${objections}/{id}/accept`, { path: { id }, version, body: { mended } })
export const rejectObjection = (id: string, version: number, reason: string) =>
  post(`${objections}/{id}/reject`, { path: { id }, version, body: { reason } })
