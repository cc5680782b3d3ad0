import { chinese, formatDuration, t } from '@shared/i18n'
import { addressOf, get, post, type QueryOf, type Schema } from './http'

export type Job = Schema<'Job'>
type Result = NonNullable<Schema<'JobResult'>>
type Samples = NonNullable<Result['samples']>
/** What a preview found: every number and sample of it is there. */
export type Changes = Required<
  Pick<Result, 'rows_read' | 'added' | 'changed' | 'removed' | 'unchanged' | 'rejected'>
> & {
  samples: Required<Omit<Samples, 'changed'>> & { changed: Required<NonNullable<Samples['changed']>[number]>[] }
  rejects: Required<NonNullable<Result['rejects']>[number]>[]
}

export const errorText = (job: Job) => (job.error ? (chinese() ? job.error.zh : job.error.en) : '')

const one = '/api/v1/jobs/{id}'

export const listJobs = (query: QueryOf<'/api/v1/jobs'>) => get('/api/v1/jobs', { query })
export const readJob = (id: string) => get(one, { path: { id } })
export const cancelJob = (id: string) => post(`${one}/cancel`, { path: { id } })
export const retryJob = (id: string) => post(`${one}/retry`, { path: { id } })

export const failed = (job: Job) => ['failed', 'dead', 'cancelled'].includes(job.state)

/** "about 3 min left", at the rate so far; empty where nobody can tell. */
export function timeLeft(job: Job): string {
  if (job.seconds_left === null) {
    return ''
  }
  const left = formatDuration(job.seconds_left)
  return t(`约剩 ${left}`, `about ${left} left`)
}

export function ended(job: Job): boolean {
  return !['queued', 'running'].includes(job.state)
}

/** Follows a job until it ends: by server-sent events, by asking again where the stream breaks. -> stop */
export function followJob(
  id: string,
  seen: (job: Job) => void,
  failed: (error: unknown) => void,
): () => void {
  let stopped = false
  let timer = 0
  const stream = new EventSource(addressOf(`${one}/events`, { id }))
  const stop = () => {
    stopped = true
    stream.close()
    clearTimeout(timer)
  }
  const ask = async () => {
    try {
      const job = await readJob(id)
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
    const job = JSON.parse((event as MessageEvent<string>).data) as Job
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
