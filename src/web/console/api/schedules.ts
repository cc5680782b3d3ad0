import { get, post, put, remove, type Schema } from './http'

export type Schedule = Schema<'Schedule'>
export type ScheduleBody = Required<Schema<'ChangedSchedule'>>
export type SchedulableKind = Schema<'SchedulableKind'>
export type Days = ScheduleBody['days']
export type Missed = ScheduleBody['missed']

const one = '/api/v1/schedules/{code}'

export const listSchedules = () => get('/api/v1/schedules')
export const addSchedule = (code: string, body: ScheduleBody) => post('/api/v1/schedules', { body: { code, ...body } })
export const changeSchedule = (code: string, body: ScheduleBody, version: number) =>
  put(one, { path: { code }, body, version })
export const removeSchedule = (code: string) => remove(one, { path: { code } })
export const pauseSchedule = (code: string, paused: boolean) =>
  post(`${one}/pause`, { path: { code }, body: { paused } })
export const runSchedule = (code: string) => post(`${one}/run`, { path: { code } })
export const upcomingTimes = (rule: Schema<'ScheduleRule'>) => post('/api/v1/schedules/upcoming', { body: rule })
