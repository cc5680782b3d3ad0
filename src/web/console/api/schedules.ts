import { act, get, post, put, remove, segment } from './http'

export type Days = 'any' | 'working' | 'nth_working' | 'last_working'
export type Missed = 'skip' | 'run_once' | 'run_all'

export interface ScheduleBody {
  title: string
  kind: string
  object: string
  organization: string
  cron: string
  days: Days
  nth: number
  missed: Missed
  missed_max: number
}
export interface Schedule extends ScheduleBody {
  code: string
  paused: boolean
  next_due: string | null
  last_due: string | null
  last_job: string | null
  last_state: string | null
  version: number
}
export interface SchedulableKind {
  kind: string
  needs_object: boolean
  title_zh: string
  title_en: string
}

const at = (code: string) => `/api/v1/schedules/${segment(code)}`

export const listSchedules = () =>
  get<{ items: Schedule[]; kinds: SchedulableKind[] }>('/api/v1/schedules')
export const addSchedule = (code: string, body: ScheduleBody) =>
  post<Schedule>('/api/v1/schedules', { code, ...body })
export const changeSchedule = (code: string, body: ScheduleBody, version: number) =>
  put<Schedule>(at(code), body, version)
export const removeSchedule = (code: string) => remove(at(code))
export const pauseSchedule = (code: string, paused: boolean) =>
  post<Schedule>(`${at(code)}/pause`, { paused })
export const runSchedule = (code: string) => act<{ job_id: string }>(`${at(code)}/run`)
export const upcomingTimes = (rule: Pick<ScheduleBody, 'cron' | 'days' | 'nth'>) =>
  post<{ due: string[] }>('/api/v1/schedules/upcoming', rule)
