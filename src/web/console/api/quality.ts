import { addressOf, get, post, put, type Entry, type QueryOf, type Schema } from './http'

export type Rule = Schema<'QualityRule'>
export type RuleInput = Schema<'QualityRuleInput'>
export type RunBrief = Schema<'QualityRun'>
/** A failing block rule holds the score under 60: `capped`. */
export type Report = Schema<'QualityReport'>
export type DimensionScore = Report['dimensions'][number]
export type RuleScore = Report['rules'][number]
export type Failure = Entry<Schema<'QualityFailureList'>>

const rules = '/api/v1/quality/{ref}/rules'
const runs = '/api/v1/quality/{ref}/runs'
const run = '/api/v1/quality/{ref}/runs/{run_id}'

export const listRules = (ref: string) => get(rules, { path: { ref } })
export const saveRules = (ref: string, changed: RuleInput[]) =>
  put(rules, { path: { ref }, body: { rules: changed } })
export const startRun = (ref: string) => post(runs, { path: { ref } })
export const listRuns = (ref: string, query: QueryOf<typeof runs>) => get(runs, { path: { ref }, query })
export const readReport = (ref: string, run_id: string) => get(run, { path: { ref, run_id } })
export const listFailures = (
  ref: string,
  run_id: string,
  query: QueryOf<'/api/v1/quality/{ref}/runs/{run_id}/failures'>,
) => get(`${run}/failures`, { path: { ref, run_id }, query })
export const failuresFile = (ref: string, run_id: string, rule?: string) =>
  addressOf(`${run}/failures/file`, { ref, run_id }, { rule })
