import { chinese } from '@shared/i18n'
import { act, get, segment, type Page, type Query } from './http'

export interface Job<Result = unknown> {
  id: string
  kind: string
  organization: string
  object: string
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled' | 'dead'
  stage: string
  done: number
  total: number
  rate: number
  attempt: number
  result: Result | null
  error: { zh: string; en: string } | null
  created_at: string
  started_at: string | null
  finished_at: string | null
}

export const errorText = (job: Job) => (job.error ? (chinese() ? job.error.zh : job.error.en) : '')

const at = (id: string) => `/api/v1/jobs/${segment(id)}`

export const listJobs = (query: Query) => get<Page<Job>>('/api/v1/jobs', query)
export const readJob = <Result>(id: string) => get<Job<Result>>(at(id))
export const cancelJob = (id: string) => act<Job>(`${at(id)}/cancel`)

export function ended(job: Job): boolean {
  return !['queued', 'running'].includes(job.state)
}

/** Follows a job until it ends: by server-sent events, by asking again where the stream breaks. -> stop */
export function followJob<Result>(
  id: string,
  seen: (job: Job<Result>) => void,
  failed: (error: unknown) => void,
): () => void {
  let stopped = false
  let timer = 0
  const stream = new EventSource(`${at(id)}/events`)
  const stop = () => {
    stopped = true
    stream.close()
    clearTimeout(timer)
  }
  const ask = async () => {
    try {
      const job = await readJob<Result>(id)
      if (stopped) {
        return
      }
      seen(job)
      if (ended(job)) {
        stop()
      } else {
        timer = window.setTimeout(() => void ask(), 1000)
      }
    } catch (error) {
      if (!stopped) {
        stop()
        failed(error)
      }
    }
  }
  stream.addEventListener('progress', (event) => {
    const job = JSON.parse((event as MessageEvent<string>).data) as Job<Result>
    seen(job)
    if (ended(job)) {
      stop()
    }
  })
  stream.onerror = () => {
    stream.close()
    if (!stopped) {
      void ask()
    }
  }
  return stop
}
