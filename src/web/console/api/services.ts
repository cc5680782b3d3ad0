import { get, post, segment, type Page, type Query } from './http'

interface Named {
  code: string
  name: string
}
export interface CaseBrief {
  case_no: string
  item: Named
  organization: Named
  state: string
  state_name: string
  applicant: string
  submitted_at: string
  due_date: string
  days_left: number
  light: string
  provisional: boolean
  version: number
}
export interface Case extends CaseBrief {
  promised_days?: number
  consent?: boolean
  receipt_url?: string
  actions?: string[]
  form: { name: string; label: string; value: string; source: string }[]
  materials: { code: string; name: string; attachment_id: string; file_name: string; bytes: number }[]
  events: { at: string; actor: string; action: string; state: string; note: string; body?: string }[]
  supplement: {
    missing: { code: string; name: string; reason: string }[]
    note?: string
    asked_at: string
    due: string
    answered_at?: string | null
  } | null
  decision: { result: string; reason: string; at: string; document_url: string } | null
  review: { stars: number; comment: string } | null
}
export interface ServiceItem {
  code: string
  name: string
  materials: { code: string; name: string; required: boolean; note?: string }[]
  form: { fields: { name: string; label: string; required: boolean }[] }
}

const at = (no: string) => `/api/v1/services/cases/${segment(no)}`

export const listCases = (query: Query) => get<Page<CaseBrief>>('/api/v1/services/cases', query)
export const readCase = (no: string) => get<Case>(at(no))
export const readItem = (code: string) => get<ServiceItem>(`/api/v1/services/items/${segment(code)}`)
export const acceptCase = (no: string, version: number, note: string) =>
  post<Case>(`${at(no)}/accept`, { note }, version)
export const askSupplement = (
  no: string,
  version: number,
  missing: { code: string; reason: string }[],
  note: string,
) => post<Case>(`${at(no)}/supplement`, { missing, note }, version)
export const refuseCase = (no: string, version: number, reason: string) =>
  post<Case>(`${at(no)}/refuse`, { reason }, version)
export const startReview = (no: string, version: number, note: string) =>
  post<Case>(`${at(no)}/start-review`, { note }, version)
export const decideCase = (no: string, version: number, result: 'grant' | 'refuse', reason: string) =>
  post<Case>(`${at(no)}/decide`, { result, reason }, version)
export const closeCase = (no: string, version: number, note: string) =>
  post<Case>(`${at(no)}/close`, { note }, version)
export const attachmentFile = (id: string) => `/api/v1/services/attachments/${segment(id)}`
export const receiptPage = (no: string) => `${at(no)}/receipt`
export const decisionPage = (no: string) => `${at(no)}/decision`
