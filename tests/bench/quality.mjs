// Twenty rules over every row, against one hand-written statement that counts the same faults in one scan.
import { compare, jobDone, officerOf, options, psql, sameAnswer, seconds, tableOf } from './shared.mjs'

const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const creditWeights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
const idWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const creditSum = creditWeights.map((w, i) => `${w} * (strpos('${alphabet}', substr(credit_code, ${i + 1}, 1)) - 1)`).join(' + ')
const idSum = idWeights.map((w, i) => `${w} * (get_byte(id, ${i}) - 48)`).join(' + ')

/** Rule id -> the rows that break it. */
const faults = {
  'derived.required.credit_code': 'credit_code IS NULL',
  'derived.required.name': 'name IS NULL',
  'derived.required.founded_on': 'founded_on IS NULL',
  'derived.code_list.industry': `industry NOT IN (SELECT value FROM catalogue.code_value WHERE list = 'industry_section')`,
  'derived.code_list.region': `region NOT IN (SELECT value FROM catalogue.code_value WHERE list = 'region')`,
  'derived.credit_code.credit_code': `credit_code !~ '^[1-9ANY][0-9A-HJ-NPQRTUWXY][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$' OR (31 - (${creditSum}) % 31) % 31 <> strpos('${alphabet}', substr(credit_code, 18, 1)) - 1`,
  'derived.id_number.legal_representative_id': `legal_representative_id !~ '^[1-9][0-9]{5}(18|19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]$' OR substr('10X98765432', (${idSum}) % 11 + 1, 1) <> substr(legal_representative_id, 18, 1)`,
  'derived.mobile.phone': `phone !~ '^1[3-9][0-9]{9}$'`,
  'derived.not_future.founded_on': 'founded_on > current_date',
  'derived.not_future.closed_on': 'closed_on > current_date',
  'derived.range.capital': 'capital < 0',
  'derived.date_order.closed_on': 'closed_on < founded_on',
  'address-form': `address !~ '^江苏省徐州市.+号$'`,
  'state-word': `state NOT IN ('存续', '吊销', '注销')`,
  'founded-range': `founded_on < '1949-10-01' OR founded_on > '2099-12-31'`,
  'closed-when': `state = '注销' AND closed_on IS NULL`,
}
/** The columns are typed, so nothing stored can break these. */
const typed = ['capital', 'founded_on', 'closed_on'].map((column) => `derived.type.${column}`)

const scan = (table) => `SELECT ${Object.values(faults).map((fault) => `count(*) FILTER (WHERE ${fault})`).join(', ')}, 2 * (count(name) - count(DISTINCT name)) FROM (SELECT *, legal_representative_id::bytea AS id FROM ${table}) t`

/** -> {rule: failed}; equal names come in pairs. */
function counted(table) {
  const cells = psql(scan(table)).split('|').map(Number)
  return Object.fromEntries([...Object.keys(faults), 'name-once'].map((rule, i) => [rule, cells[i]]).concat(typed.map((rule) => [rule, 0])).sort())
}

export async function cases(prepared, server) {
  const officer = await officerOf()
  const table = tableOf(prepared.qualityRef)
  const judge = async () => {
    const started = await officer.post(`/api/v1/quality/${prepared.qualityRef}/runs`)
    await jobDone(officer, started.job_id)
    return started.run_id
  }
  let run = ''
  const peak = await server.peakMb(async () => { run = await judge() })
  const report = await officer.get(`/api/v1/quality/${prepared.qualityRef}/runs/${run}`)
  const judged = report.rules.filter((rule) => rule.kind !== 'freshness').map((rule) => [rule.id, rule.failed]).sort()
  sameAnswer('counts of 20 rules', Object.fromEntries(judged), counted(table))
  return [await compare(`${judged.length} mixed rules`,
    async () => options.rows / (await seconds(judge)),
    async () => options.rows / (await seconds(() => psql(scan(table)))),
    { unit: 'rows/s', reference_is: 'one hand-written SQL scan of the same rules', goal: 2.2, peak_rss_mb: Math.round(peak) })]
}
