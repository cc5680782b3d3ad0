import { act, create, get, post, put, remove, segment, type Page, type Query } from './http'

export interface Review {
  who: string
  when: string
  result: string
}
export interface Item {
  no?: number
  name: string
  column: string
  type: string
  length: number | null
  scale: number | null
  nullable: boolean
  primary_key: boolean
  unit: string
  code_list: string
  element: string
  sensitive: boolean
  grade: number
  share_type: string
  open_type: string
  mask: string
  description: string
}
export interface ResourceInput {
  class: string
  classification: string
  name: string
  provider_code: string
  abstract: string
  format_class: string
  format: string
  share_type: string
  share_condition: string
  share_mode: string
  open_flag: boolean
  open_condition: string
  open_type: string
  update_cycle: string
  publish_date: string
  related_codes: string[]
  grade: number
  domain: string
  subject_object: string
  region_scope: string
  time_from: string
  time_to: string
  keywords: string[]
  source_system: string
  source_kind: string
  contact_name: string
  contact_phone: string
  secrecy_review: Review | null
  pia_review: Review | null
  head_consent: Review | null
  synthetic: boolean
  source_note: string
  items: Item[]
}
interface Standing {
  ref: string
  code: string
  provider: { code: string; name: string }
  state: string
  version: number
  return_reason: string
  created_by: string
  submitted_by: string
  created_at: string
  updated_at: string
  published_at: string | null
  record_count: number | null
  last_data_time: string | null
}
export type Resource = ResourceInput & Standing
export type ResourceBrief = Standing &
  Pick<
    ResourceInput,
    | 'name'
    | 'class'
    | 'domain'
    | 'abstract'
    | 'keywords'
    | 'share_type'
    | 'open_type'
    | 'update_cycle'
    | 'grade'
  > & { synthetic?: boolean; item_count?: number }

export interface Step {
  at: string
  actor: string
  action: string
  note: string
  version: number
}
export interface CodeList {
  code: string
  name: string
  values: { value: string; label: string; parent: string }[]
}

const root = '/api/v1/catalogue'
const at = (ref: string) => `${root}/resources/${segment(ref)}`

export const listResources = (query: Query) => get<Page<ResourceBrief>>(`${root}/resources`, query)
export const readResource = (ref: string) => get<Resource>(at(ref))
export const readPublished = (ref: string) => get<Resource>(at(ref), { edition: 'published' })
export const createResource = (input: ResourceInput, key: string) =>
  create<Resource>(`${root}/resources`, input, key)
export const updateResource = (ref: string, version: number, input: ResourceInput) =>
  put<Resource>(at(ref), input, version)
export const deleteResource = (ref: string, version: number) => remove(at(ref), version)
export const submitResource = (ref: string, version: number) => act<Resource>(`${at(ref)}/submit`, version)
export const approveResource = (ref: string, version: number) => act<Resource>(`${at(ref)}/approve`, version)
export const publishResource = (ref: string, version: number) => act<Resource>(`${at(ref)}/publish`, version)
export const returnResource = (ref: string, version: number, reason: string) =>
  post<Resource>(`${at(ref)}/return`, { reason }, version)
export const retireResource = (ref: string, version: number, reason: string) =>
  post<Resource>(`${at(ref)}/retire`, { reason }, version)
export const readHistory = (ref: string) => get<Page<Step>>(`${at(ref)}/history`)
export const listCodeLists = () =>
  get<Page<{ code: string; name: string; value_count: number }>>(`${root}/code-lists`)
export const readCodeList = (code: string) => get<CodeList>(`${root}/code-lists/${segment(code)}`)

/** A fresh entry; the choices are what most entries need. */
export function emptyResource(): ResourceInput {
  return {
    class: 'department',
    classification: '',
    name: '',
    provider_code: '',
    abstract: '',
    format_class: '3',
    format: 'postgresql',
    share_type: '',
    share_condition: '',
    share_mode: 'api',
    open_flag: false,
    open_condition: '',
    open_type: '',
    update_cycle: '',
    publish_date: '',
    related_codes: [],
    grade: 1,
    domain: '',
    subject_object: '',
    region_scope: '',
    time_from: '',
    time_to: '',
    keywords: [],
    source_system: '',
    source_kind: '',
    contact_name: '',
    contact_phone: '',
    secrecy_review: null,
    pia_review: null,
    head_consent: null,
    synthetic: false,
    source_note: '',
    items: [],
  }
}

export function emptyItem(): Item {
  return {
    name: '',
    column: '',
    type: 'C',
    length: null,
    scale: null,
    nullable: true,
    primary_key: false,
    unit: '',
    code_list: '',
    element: '',
    sensitive: false,
    grade: 1,
    share_type: '',
    open_type: '',
    mask: '',
    description: '',
  }
}

/** What a person wrote of an entry, without what the system adds. */
export function inputOf(resource: Resource): ResourceInput {
  const input = emptyResource()
  for (const name of Object.keys(input) as (keyof ResourceInput)[]) {
    if (resource[name] !== undefined) {
      Object.assign(input, { [name]: structuredClone(resource[name]) })
    }
  }
  return input
}
