import { addressOf, get, post, upload, type QueryOf, type Schema } from './http'

export type Upload = Pick<Schema<'IngestUpload'>, 'id' | 'name' | 'bytes'>
export type InspectedItem = Schema<'IngestGuess'>
export type Inspection = Schema<'IngestInspection'>
export type LoadInput = Schema<'IngestLoadInput'>
export type Mode = LoadInput['mode']
/** How a file is to be read, where the guess was corrected. */
export type Reading = Schema<'IngestInspectInput'>
export type Row = Schema<'JobSampleRow'>
export type Batch = Schema<'IngestBatch'>
export type Reject = Schema<'IngestReject'>

const batches = '/api/v1/ingest/{ref}/batches'
const batch = '/api/v1/ingest/{ref}/batches/{batch_id}'

export const sendFile = (file: File, progress: (share: number) => void) =>
  upload('/api/v1/uploads', file, progress)
export const inspect = (id: string, body: Reading) =>
  post('/api/v1/uploads/{id}/inspect', { path: { id }, body })
export const previewLoad = (ref: string, body: LoadInput) =>
  post('/api/v1/ingest/{ref}/preview', { path: { ref }, body })
export const startLoad = (ref: string, body: LoadInput) => post(batches, { path: { ref }, body })
export const listBatches = (ref: string, query: QueryOf<typeof batches>) =>
  get(batches, { path: { ref }, query })
export const readBatch = (ref: string, batch_id: string) => get(batch, { path: { ref, batch_id } })
export const listRejects = (
  ref: string,
  batch_id: string,
  query: QueryOf<'/api/v1/ingest/{ref}/batches/{batch_id}/rejects'>,
) => get(`${batch}/rejects`, { path: { ref, batch_id }, query })
export const rejectsFile = (ref: string, batch_id: string) => addressOf(`${batch}/rejects/file`, { ref, batch_id })
