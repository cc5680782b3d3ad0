import type { Item } from './catalogue'
import { get, post, segment, upload, type Page, type Query } from './http'

export interface Upload {
  id: string
  name: string
  bytes: number
  sha256?: string
}
export interface InspectedItem extends Item {
  unique: boolean
  samples: string[]
}
export interface Inspection {
  format: string
  encoding: string
  delimiter: string
  sheets: { name: string; hidden?: boolean }[]
  sheet: string
  header_row: number
  row_count: number
  row_count_estimated?: boolean
  items: InspectedItem[]
  sample_rows: (string | null)[][]
  warnings: { code: string; text: string }[]
}
export type Mode = 'replace' | 'upsert' | 'append'
export interface LoadInput {
  upload_id: string
  mode: Mode
  sheet?: string
  encoding?: string
  header_row?: number
}
/** How a file is to be read, where the guess was corrected. */
export interface Reading {
  sheet?: string
  encoding?: string
  header_row?: number
}
export type Row = Record<string, unknown>
export interface Changes {
  rows_read: number
  added: number
  changed: number
  removed: number
  unchanged: number
  rejected: number
  samples: {
    added: Row[]
    changed: { key: unknown; before: Row; after: Row }[]
    removed: Row[]
  }
  rejects: Reject[]
}
export interface Batch {
  id: string
  no: number
  mode: Mode
  state: string
  file_name: string
  encoding: string
  rows_read: number
  rows_loaded: number
  rows_rejected: number
  job_id: string
  problem?: string
  created_at: string
  finished_at: string | null
  created_by: string
}
export interface Reject {
  line: number
  column: string
  code: string
  reason: string
  raw: string
}

const at = (ref: string) => `/api/v1/ingest/${segment(ref)}`

export const sendFile = (file: File, progress: (share: number) => void) =>
  upload<Upload>('/api/v1/uploads', file, progress)
export const inspect = (id: string, choice: Reading) =>
  post<Inspection>(`/api/v1/uploads/${segment(id)}/inspect`, choice)
export const previewLoad = (ref: string, input: LoadInput) =>
  post<{ job_id: string }>(`${at(ref)}/preview`, input)
export const startLoad = (ref: string, input: LoadInput) =>
  post<{ batch_id: string; job_id: string }>(`${at(ref)}/batches`, input)
export const listBatches = (ref: string, query: Query) => get<Page<Batch>>(`${at(ref)}/batches`, query)
export const readBatch = (ref: string, id: string) => get<Batch>(`${at(ref)}/batches/${segment(id)}`)
export const listRejects = (ref: string, id: string, query: Query) =>
  get<Page<Reject>>(`${at(ref)}/batches/${segment(id)}/rejects`, query)
export const rejectsFile = (ref: string, id: string) => `${at(ref)}/batches/${segment(id)}/rejects/file`
