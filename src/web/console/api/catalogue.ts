import { get, post, put, remove, type Entry, type QueryOf, type Schema } from './http'

export type Review = Schema<'CatalogueReview'>
/** What a person writes of an item; its number follows from the order. */
export type Item = Omit<Required<Schema<'CatalogueItemInput'>>, 'no'> & { no?: number }
type Input = Schema<'CatalogueResourceInput'>
/** What a person writes of an entry, every place of the form filled. */
export type ResourceInput = Required<Omit<Input, 'organization' | 'items'>> & { items: Item[] }
export type Resource = Schema<'CatalogueResource'>
export type ResourceBrief = Schema<'CatalogueResourceBrief'>
export type Step = Entry<Schema<'CatalogueHistory'>>
export type CodeList = Schema<'CatalogueCodeList'>

const root = '/api/v1/catalogue/resources'
const one = '/api/v1/catalogue/resources/{ref}'

export const listResources = (query: QueryOf<typeof root>) => get(root, { query })
export const readResource = (ref: string) => get(one, { path: { ref } })
export const readPublished = (ref: string) => get(one, { path: { ref }, query: { edition: 'published' } })
export const createResource = (body: ResourceInput, idempotencyKey: string) =>
  post(root, { body, idempotencyKey })
export const updateResource = (ref: string, version: number, body: ResourceInput) =>
  put(one, { path: { ref }, version, body })
export const deleteResource = (ref: string, version: number) => remove(one, { path: { ref }, version })
export const submitResource = (ref: string, version: number) =>
  post(`${one}/submit`, { path: { ref }, version })
export const approveResource = (ref: string, version: number) =>
  post(`${one}/approve`, { path: { ref }, version })
export const publishResource = (ref: string, version: number) =>
  post(`${one}/publish`, { path: { ref }, version })
export const returnResource = (ref: string, version: number, reason: string) =>
  post(`${one}/return`, { path: { ref }, version, body: { reason } })
export const retireResource = (ref: string, version: number, reason: string) =>
  post(`${one}/retire`, { path: { ref }, version, body: { reason } })
export const readHistory = (ref: string) => get(`${one}/history`, { path: { ref } })
export const listCodeLists = () => get('/api/v1/catalogue/code-lists')
export const readCodeList = (code: string) => get('/api/v1/catalogue/code-lists/{code}', { path: { code } })

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
