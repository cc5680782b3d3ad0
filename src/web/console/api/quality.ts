import { act, get, put, segment, withQuery, type Page, type Query } from './http'

export interface Rule {
  id: string
  kind: string
  item: string
  params: Record<string, unknown> | null
  severity: string
  title: string
  derived?: boolean
}
export interface RunBrief {
  id: string
  state: string
  score: number | null
  grade: string | null
  rows: number | null
  bad_rows: number | null
  created_at: string
  finished_at: string | null
  load?: number | string | null
}
export interface DimensionScore {
  code: string
  name: string
  score: number | null
  weight: number
  judged: number
  failed: number
}
export interface RuleScore {
  id: string
  kind: string
  item: string
  title: string
  severity: string
  dimension: string
  indicator: string
  judged: number
  failed: number
  score: number | null
}
export interface Report extends RunBrief {
  /** A failing block rule holds the score under 60. */
  capped: boolean
  dimensions: DimensionScore[]
  rules: RuleScore[]
}
export interface Failure {
  row_key: string
  line: number | null
  rule: string
  column: string
  value: string | null
  reason: string
}

const at = (ref: string) => `/api/v1/quality/${segment(ref)}`
const run = (ref: string, id: string) => `${at(ref)}/runs/${segment(id)}`

export const listRules = (ref: string) => get<Page<Rule>>(`${at(ref)}/rules`)
export const saveRules = (ref: string, rules: Rule[]) => put<Page<Rule>>(`${at(ref)}/rules`, { rules })
export const startRun = (ref: string) => act<{ job_id: string; run_id: string }>(`${at(ref)}/runs`)
export const listRuns = (ref: string, query: Query) => get<Page<RunBrief>>(`${at(ref)}/runs`, query)
export const readReport = (ref: string, id: string) => get<Report>(run(ref, id))
export const listFailures = (ref: string, id: string, query: Query) =>
  get<Page<Failure>>(`${run(ref, id)}/failures`, query)
export const failuresFile = (ref: string, id: string, rule?: string) =>
  withQuery(`${run(ref, id)}/failures/file`, { rule })
