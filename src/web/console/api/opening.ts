import { get, post, put, type QueryOf, type Schema } from './http'

export type ProposalInput = Schema<'OpenProposalInput'>
export type Proposal = Schema<'OpenProposal'>
export type ReleaseCheck = Schema<'ReleaseCheck'>

const root = '/api/v1/open/proposals'
const one = '/api/v1/open/proposals/{id}'

export const listProposals = (query: QueryOf<typeof root>) => get(root, { query })
export const readProposal = (id: string) => get(one, { path: { id } })
export const propose = (body: ProposalInput, idempotencyKey: string) => post(root, { body, idempotencyKey })
export const amendProposal = (id: string, version: number, body: ProposalInput) =>
  put(one, { path: { id }, version, body })
export const checkProposal = (id: string) => get(`${one}/check`, { path: { id } })
export const submitProposal = (id: string) => post(`${one}/submit`, { path: { id } })
export const approveProposal = (id: string) => post(`${one}/approve`, { path: { id } })
export const returnProposal = (id: string, reason: string) =>
  post(`${one}/return`, { path: { id }, body: { reason } })
