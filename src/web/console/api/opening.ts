import { act, create, get, post, put, segment, type Page, type Query } from './http'

export interface ProposalInput {
  resource: string
  slug: string
  title: string
  abstract: string
  open_type: string
  items: { column: string; mask?: string }[]
  licence: string
  theme: string
  keywords: string[]
}
export interface Proposal extends Omit<ProposalInput, 'resource'> {
  id: string
  resource: { ref: string; name: string }
  organization: { code: string; name: string }
  state: string
  version: number
  return_reason: string
  proposed_by: string
  submitted_by: string
  decided_by: string
  created_at: string
  updated_at: string
}
export interface ReleaseCheck {
  passed: boolean
  checks: { code: string; title: string; passed: boolean; detail: string }[]
}

const root = '/api/v1/open/proposals'
const at = (id: string) => `${root}/${segment(id)}`

export const listProposals = (query: Query) => get<Page<Proposal>>(root, query)
export const readProposal = (id: string) => get<Proposal>(at(id))
export const propose = (input: ProposalInput, key: string) => create<Proposal>(root, input, key)
export const amendProposal = (id: string, version: number, input: ProposalInput) =>
  put<Proposal>(at(id), input, version)
export const checkProposal = (id: string) => get<ReleaseCheck>(`${at(id)}/check`)
export const submitProposal = (id: string) => act<Proposal>(`${at(id)}/submit`)
export const approveProposal = (id: string) => act<Proposal>(`${at(id)}/approve`)
export const returnProposal = (id: string, reason: string) => post<Proposal>(`${at(id)}/return`, { reason })
