// What every bench stands on: the options, a server on data made once, the reference's tools, interleaved rounds.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { Client, cli } from '../../demo/client.mjs'
import { entry } from '../../demo/datasets.mjs'
import { loadItems, loadRules, qualityItems, qualityRules, register, writeRegister } from './register.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
export const program = join(root, 'build/release/pengcheng')

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? fallback : (process.argv[at + 1] ?? true)
}
export const options = { rows: Number(option('rows', 1000000)), rounds: Number(option('rounds', 3)), json: process.argv.includes('--json') }

export const home = join(process.env.PENGCHENG_VAR ?? join(root, 'var'), 'bench')
export const socket = join(home, 'pg/run')
const listen = process.env.PENGCHENG_BENCH_LISTEN ?? '127.0.0.1:18091'
export const baseUrl = `http://${listen}`
Object.assign(process.env, { PENGCHENG_VAR: home, PENGCHENG_LISTEN: listen, PENGCHENG_DATABASE_URL: '' })

export const postgresBin = '/usr/lib/postgresql/15/bin'
export const run = (command, args, input) => execFileSync(command, args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'], maxBuffer: 1 << 26 })
export const psqlArgs = ['-h', socket, '-U', 'pengcheng', '-d', 'pengcheng', '-X', '-v', 'ON_ERROR_STOP=1', '-qAt']
export const psql = (...commands) => run('psql', [...psqlArgs, ...commands.flatMap((sql) => ['-c', sql])]).trim()
export const say = (text) => process.stderr.write(`    ${text}\n`)
export const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))
export const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]
export const seconds = async (work) => {
  const began = process.hrtime.bigint()
  await work()
  return Number(process.hrtime.bigint() - began) / 1e9
}

// ---- the server -------------------------------------------------------------------------------------------------

/** A server on the bench's data. `settings` is the text of a pengcheng.yaml beside the defaults. */
export async function startServer(settings = '') {
  mkdirSync(home, { recursive: true })
  let child
  const start = async (yaml) => {
    const file = join(home, 'bench.yaml')
    writeFileSync(file, yaml || '{}')
    child = spawn(program, ['--config', file, 'serve', '--pack', join(root, 'config/packs/xuzhou')], { stdio: ['ignore', 'pipe', 'ignore'] })
    await new Promise((resolve, reject) => {
      child.stdout.on('data', (text) => String(text).includes('ready ') && resolve())
      child.on('exit', () => reject(new Error('the server did not start')))
    })
  }
  const status = (name) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024
  const stop = async () => {
    const gone = new Promise((resolve) => child.on('exit', resolve))
    child.kill('SIGTERM')
    await gone
  }
  await start(settings)
  return {
    get pid() {
      return child.pid
    },
    rssMb: () => status('VmRSS'),
    /** Highest resident memory of the server process while `work` runs. */
    async peakMb(work) {
      writeFileSync(`/proc/${child.pid}/clear_refs`, '5')
      await work()
      return status('VmHWM')
    },
    stop,
    async restart(yaml) {
      await stop()
      await start(yaml)
    },
  }
}

/** Waits until no job is queued or running: what one side left behind must not slow the other. */
export async function idle() {
  while (psql(`SELECT count(*) FROM jobs.job WHERE state IN ('queued', 'running')`) !== '0') await wait(100)
}

/** A job's end, looked for often enough not to be measured itself. */
export async function jobDone(client, id) {
  for (;;) {
    const job = await client.get(`/api/v1/jobs/${id}`)
    if (job.state === 'done') return job.result
    if (['failed', 'dead', 'cancelled'].includes(job.state)) throw new Error(`job ${job.kind}: ${JSON.stringify(job.error)}`)
    await wait(20)
  }
}

export async function upload(officer, name, file) {
  return (await officer.upload(name, readFileSync(file))).id
}

/** Loads an upload; its batch's result. */
export async function loadUpload(officer, ref, uploadId, mode = 'replace') {
  const batch = await officer.post(`/api/v1/ingest/${ref}/batches`, { upload_id: uploadId, mode })
  return jobDone(officer, batch.job_id)
}

// ---- the data ---------------------------------------------------------------------------------------------------

const password = 'Bench-Pengcheng-2026'

export const officerOf = () => Client.signIn(baseUrl, { username: 'bench_officer', password })

function addAccounts() {
  const known = cli(program, ['user', 'list']).items.map((user) => user.username)
  for (const [username, role, organization] of [['bench_officer', 'data_officer', '040'], ['bench_reviewer', 'reviewer', '044']]) {
    if (known.includes(username)) continue
    cli(program, ['user', 'add', '--username', username, '--display-name', username, '--role', role, '--organization', organization, '--password-stdin'], password + '\n')
  }
}

async function publish(officer, set, rules) {
  const reviewer = await Client.signIn(baseUrl, { username: 'bench_reviewer', password })
  let resource = await officer.post('/api/v1/catalogue/resources', entry(set, true))
  for (const [client, action] of [[officer, 'submit'], [reviewer, 'approve'], [reviewer, 'publish']]) {
    resource = await client.post(`/api/v1/catalogue/resources/${resource.ref}/${action}`, {}, { version: resource.version })
  }
  if (rules.length > 0) await officer.put(`/api/v1/quality/${resource.ref}/rules`, { rules })
  return resource.ref
}

/**
 * Accounts, files, two entries with their rows, a department's system; remembered beside the data for each number
 * of rows. `ref` is keyed by credit code and indexed (loads, look-ups, pages, export), `qualityRef` has 20 rules.
 */
export async function prepare() {
  const file = join(home, `prepared-${options.rows}.json`)
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'))
  say(`准备 ${options.rows} 行 / preparing ${options.rows} rows`)
  addAccounts()
  const officer = await officerOf()
  const prepared = { rows: options.rows, csv: join(home, `enterprises-${options.rows}.csv`), gb18030: join(home, `enterprises-${options.rows}-gb18030.csv`) }
  await writeRegister(prepared.csv, options.rows)
  run('sh', ['-c', `iconv -f UTF-8 -t GB18030 '${prepared.csv}' > '${prepared.gb18030}'`])
  prepared.ref = await publish(officer, { ...register, name: `企业登记基准${options.rows}`, items: loadItems }, loadRules)
  prepared.qualityRef = await publish(officer, { ...register, name: `企业质检基准${options.rows}`, items: qualityItems }, qualityRules)
  prepared.upload = await upload(officer, 'enterprises.csv', prepared.csv)
  for (const ref of [prepared.ref, prepared.qualityRef]) {
    const result = await loadUpload(officer, ref, prepared.upload)
    if (result.rows_loaded !== options.rows) throw new Error(`loaded ${result.rows_loaded} of ${options.rows} rows`)
  }
  prepared.secret = await officer.post('/api/v1/clients', { name: `bench${options.rows}` })
  await idle()
  psql('VACUUM ANALYZE', 'CHECKPOINT')
  writeFileSync(file, JSON.stringify(prepared), { mode: 0o600 })
  return prepared
}

/** The table that holds an entry's rows now. */
export const tableOf = (ref) => `store.${psql(`SELECT quote_ident(table_name) FROM store.resource_table WHERE ref = '${ref}'`)}`

export async function token(prepared) {
  const client = new Client(baseUrl)
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: prepared.secret.client_id, client_secret: prepared.secret.client_secret })
  return (await client.post('/oauth/token', form)).access_token
}

// ---- measuring --------------------------------------------------------------------------------------------------

/**
 * Requests a second by wrk, drawn from `requests` ({method = 'GET', path, body}). They are written out before the
 * clock starts: a generator that puts each together anew takes the cores from what it measures.
 */
export function wrk(connections, url, requests, headers) {
  const script = join(home, 'wrk.lua')
  const text = (value) => (value === undefined ? 'nil' : JSON.stringify(value))
  writeFileSync(script, `math.randomseed(7)
${Object.entries(headers).map(([name, value]) => `wrk.headers[${text(name)}] = ${text(value)}`).join('\n')}
local requests = {}
init = function()
${requests.map(({ method = 'GET', path, body }, i) => `  requests[${i + 1}] = wrk.format("${method}", ${text(path)}, nil, ${text(body)})`).join('\n')}
end
request = function()
  return requests[math.random(#requests)]
end
done = function(summary)
  io.write(string.format("errors %d\\n", summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
`)
  const out = run('wrk', ['-t1', `-c${connections}`, '-d4s', '-s', script, url])
  // Without the line the script did not load, and wrk asked for something else.
  if (/errors (\d+)/.exec(out)?.[1] !== '0') throw new Error(`wrk met errors: ${out}`)
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(out)[1])
}

/** Transactions a second by pgbench, prepared statements, the server's own socket. */
export function pgbench(connections, sql) {
  const file = join(home, 'pgbench.sql')
  writeFileSync(file, sql)
  const out = run(`${postgresBin}/pgbench`, ['-h', socket, '-U', 'pengcheng', '-n', '-M', 'prepared', '-c', String(connections), '-j', '1', '-T', '4', '-f', file, 'pengcheng'])
  return Number(/tps = ([\d.]+)/.exec(out)[1])
}

/**
 * Medians of interleaved rounds; ours and reference return rates. `before` runs untimed ahead of each side of each
 * round: by default open jobs end and a checkpoint gives both sides the same start.
 */
export async function compare(name, ours, reference, more) {
  const { before = settle, rounds = options.rounds, ...rest } = more
  const sides = { ours: [], reference: [] }
  for (let round = 0; round < rounds; round++) {
    await before()
    sides.ours.push(await ours(round))
    if (reference) {
      await before()
      sides.reference.push(await reference(round))
    }
  }
  const result = { case: name, ours: median(sides.ours), ...rest }
  if (reference) Object.assign(result, { reference: median(sides.reference), ratio: median(sides.ours) / median(sides.reference) })
  say(`${name}: ${sides.ours.map(Math.round)}${reference ? ` / ${sides.reference.map(Math.round)} = ${result.ratio.toFixed(2)}` : ''} ${rest.unit ?? ''}`)
  return result
}

export async function settle() {
  await idle()
  psql('CHECKPOINT')
}

/** Stops the bench when the two sides do not give the same answer. */
export function sameAnswer(what, ours, reference) {
  if (JSON.stringify(ours) !== JSON.stringify(reference)) {
    throw new Error(`${what} differ:\n  ours      ${JSON.stringify(ours)}\n  reference ${JSON.stringify(reference)}`)
  }
}
