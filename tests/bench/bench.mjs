// Measures ours against the database's own limit in interleaved rounds of one run:
//   ./dev bench http|data-api|ingest|export|quality [--json] [--rows N] [--rounds N]      ./dev bench --prepare
// Data are made once under $PENGCHENG_VAR/bench: a server, an entry of synthetic enterprises, a provider's system.
// Rates are higher-is-better; ratio = ours / reference, both from this run, medians of the rounds.
import { execFileSync, spawn } from 'node:child_process'
import { createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { Client, cli } from '../../demo/client.mjs'
import { entry, registers as sets } from '../../demo/datasets.mjs'
import { creditCheck } from '../../demo/registers.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const program = join(root, 'build/release/pengcheng')
const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? fallback : (process.argv[at + 1] ?? true)
}
const rounds = Number(option('rounds', 3))
const rowCount = Number(option('rows', 200000))
const home = join(process.env.PENGCHENG_VAR ?? join(root, 'var'), 'bench')
const socket = join(home, 'pg/run')
const listen = '127.0.0.1:18091'
const baseUrl = `http://${listen}`
process.env.PENGCHENG_VAR = home
process.env.PENGCHENG_LISTEN = listen
process.env.PENGCHENG_DATABASE_URL = ''

const bin = '/usr/lib/postgresql/15/bin'
const run = (command, args, input) => execFileSync(command, args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'], maxBuffer: 1 << 26 })
const psql = (sql) => run('psql', ['-h', socket, '-U', 'pengcheng', '-d', 'pengcheng', '-v', 'ON_ERROR_STOP=1', '-qAt', '-c', sql]).trim()
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]
const seconds = async (work) => {
  const began = process.hrtime.bigint()
  await work()
  return Number(process.hrtime.bigint() - began) / 1e9
}
const say = (text) => process.stderr.write(`    ${text}\n`)

/** A cheap line of the enterprises register; clean, so that every row is loaded. */
function line(i) {
  const first17 = '91320301MA' + String(i).padStart(7, '0')
  const day = new Date(Date.UTC(1995, 0, 1) + ((i * 7919) % 10900) * 86400000).toISOString().slice(0, 10)
  const regions = ['320302', '320303', '320305', '320311', '320312', '320321', '320322', '320324', '320381', '320382']
  return [first17 + creditCheck(first17), `徐州示例第${i}号有限公司`, '有限责任公司', '张三', '', String((i * 31) % 5000), day, '',
    'ABCDEFGHIJKLMNOPQRS'[i % 19], regions[i % 10], `江苏省徐州市示例路${i % 900}号`, '1380000' + String(i % 10000).padStart(4, '0'), '存续'].join(',') + '\n'
}

async function writeRegister(file) {
  const out = createWriteStream(file)
  const names = sets.find((set) => set.register === 'enterprises').items.map((one) => one.name)
  out.write(names.join(',') + '\n')
  for (let i = 0; i < rowCount; i++) if (!out.write(line(i))) await new Promise((resolve) => out.once('drain', resolve))
  await new Promise((resolve) => out.end(resolve))
}

async function startServer() {
  mkdirSync(home, { recursive: true })
  const server = spawn(program, ['serve', '--pack', join(root, 'config/packs/xuzhou')], { stdio: ['ignore', 'pipe', 'ignore'] })
  await new Promise((resolve, reject) => {
    server.stdout.on('data', (text) => String(text).includes('ready ') && resolve())
    server.on('exit', () => reject(new Error('the server did not start')))
  })
  return server
}

/** Accounts, entry, first load, token; kept in prepared.json beside the data. */
async function prepare() {
  const file = join(home, 'prepared.json')
  if (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).rows === rowCount) return JSON.parse(readFileSync(file, 'utf8'))
  say(`准备 ${rowCount} 行 / preparing ${rowCount} rows`)
  const accounts = { bench_officer: ['data_officer', '040'], bench_reviewer: ['reviewer', '044'] }
  const password = 'Bench-Pengcheng-2026'
  const known = cli(program, ['user', 'list']).items.map((user) => user.username)
  for (const [username, [role, organization]] of Object.entries(accounts)) {
    if (known.includes(username)) continue
    cli(program, ['user', 'add', '--username', username, '--display-name', username, '--role', role, '--organization', organization, '--password-stdin'], password + '\n')
  }
  const officer = await Client.signIn(baseUrl, { username: 'bench_officer', password })
  const reviewer = await Client.signIn(baseUrl, { username: 'bench_reviewer', password })
  const set = { ...sets.find((one) => one.register === 'enterprises'), name: `企业登记基准${rowCount}` }
  let resource = await officer.post('/api/v1/catalogue/resources', entry(set, true))
  for (const [client, action] of [[officer, 'submit'], [reviewer, 'approve'], [reviewer, 'publish']]) {
    resource = await client.post(`/api/v1/catalogue/resources/${resource.ref}/${action}`, {}, { version: resource.version })
  }
  const csv = join(home, 'enterprises.csv')
  await writeRegister(csv)
  const prepared = { rows: rowCount, ref: resource.ref, csv, password, session: officer.cookie }
  await load(officer, prepared)
  prepared.secret = await officer.post('/api/v1/clients', { name: 'bench' })
  psql('CHECKPOINT')
  writeFileSync(file, JSON.stringify(prepared), { mode: 0o600 })
  return prepared
}

async function load(officer, prepared) {
  const upload = await officer.upload('enterprises.csv', readFileSync(prepared.csv))
  const batch = await officer.post(`/api/v1/ingest/${prepared.ref}/batches`, { upload_id: upload.id, mode: 'replace' })
  return officer.job(batch.job_id)
}

const table = (prepared) => `store.${psql(`SELECT quote_ident(table_name) FROM store.resource_table WHERE ref = '${prepared.ref}'`)}`

async function token(prepared) {
  const client = new Client(baseUrl)
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: prepared.secret.client_id, client_secret: prepared.secret.client_secret })
  return (await client.post('/oauth/token', form)).access_token
}

/** Requests a second by wrk: `paths` is Lua that returns a path. */
function wrk(connections, paths, bearer) {
  const script = join(home, 'wrk.lua')
  writeFileSync(script, `math.randomseed(7)\n${bearer && `wrk.headers["Authorization"] = "Bearer ${bearer}"`}\nrequest = function()\n  return wrk.format("GET", ${paths})\nend\ndone = function(summary)\n  io.write(string.format("errors %d\\n", summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))\nend\n`)
  const out = run('wrk', ['-t1', `-c${connections}`, '-d4s', '-s', script, baseUrl])
  if (Number(/errors (\d+)/.exec(out)?.[1]) > 0) throw new Error(`wrk met errors: ${out}`)
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(out)[1])
}

function pgbench(connections, sql) {
  const file = join(home, 'look-up.sql')
  writeFileSync(file, sql)
  const out = run(`${bin}/pgbench`, ['-h', socket, '-U', 'pengcheng', '-n', '-M', 'prepared', '-c', String(connections), '-j', '1', '-T', '4', '-f', file, 'pengcheng'])
  return Number(/tps = ([\d.]+)/.exec(out)[1])
}

async function compare(name, ours, reference, more) {
  const a = []
  const b = []
  for (let i = 0; i < rounds; i++) {
    a.push(await ours())
    if (reference) b.push(await reference())
  }
  const result = { case: name, ours: median(a), ...more }
  if (reference) Object.assign(result, { reference: median(b), ratio: median(a) / median(b) })
  return result
}

const benches = {
  async http() {
    return [await compare('healthz, 64 connections', () => wrk(64, '"/healthz"', ''), null, { unit: 'requests/s', max: null })]
  },

  async 'data-api'(prepared) {
    const bearer = await token(prepared)
    const keys = psql(`SELECT credit_code FROM ${table(prepared)} ORDER BY md5(credit_code) LIMIT 2000`).split('\n')
    psql(`DROP TABLE IF EXISTS public.bench_key; CREATE TABLE public.bench_key (i int PRIMARY KEY, k text); INSERT INTO public.bench_key SELECT row_number() OVER (ORDER BY md5(credit_code)), credit_code FROM (SELECT credit_code FROM ${table(prepared)} ORDER BY md5(credit_code) LIMIT 2000) t`)
    const list = `({${keys.map((key) => `"${key}"`).join(',')}})[math.random(${keys.length})]`
    const look = `\\set i random(1, 2000)\nSELECT t.* FROM ${table(prepared)} t WHERE t.credit_code = (SELECT k FROM public.bench_key WHERE i = :i);\n`
    const path = `"/api/v1/data/${prepared.ref}?credit_code=eq." .. ${list}`
    const out = []
    for (const connections of [16, 64]) {
      out.push(await compare(`row by key, strict evidence, ${connections} clients`, () => wrk(connections, path, bearer), () => pgbench(connections, look),
        { unit: 'look-ups/s', reference_is: 'pgbench -M prepared, the same row, no evidence' }))
    }
    const page = `"/api/v1/data/${prepared.ref}?region=eq.320302&limit=20"`
    const pageSql = `SELECT * FROM ${table(prepared)} WHERE region = '320302' ORDER BY _id LIMIT 20;\n`
    out.push(await compare('page of 20 by filter, 16 clients', () => wrk(16, page, bearer), () => pgbench(16, pageSql),
      { unit: 'pages/s', reference_is: 'pgbench -M prepared, the same page, no evidence' }))
    return out
  },

  async export(prepared) {
    const bearer = await token(prepared)
    const rate = (work) => async () => rowCount / (await seconds(work))
    const curl = (accept) => () => run('curl', ['-sf', '-o', '/dev/null', '-H', `Authorization: Bearer ${bearer}`, '-H', `Accept: ${accept}`, `${baseUrl}/api/v1/data/${prepared.ref}`])
    const copy = (select) => () => run('sh', ['-c', `psql -h '${socket}' -U pengcheng -d pengcheng -qAt -c "\\copy (${select}) to stdout csv" >/dev/null`])
    const columns = sets.find((set) => set.register === 'enterprises').items.map((one) => one.column).join(', ')
    return [
      await compare('all rows as CSV', rate(curl('text/csv')), rate(copy(`SELECT ${columns} FROM ${table(prepared)}`)), { unit: 'rows/s', reference_is: 'psql \\copy to' }),
      await compare('all rows as JSON', rate(curl('application/json')), rate(copy(`SELECT row_to_json(t) FROM (SELECT ${columns} FROM ${table(prepared)}) t`)), { unit: 'rows/s', reference_is: 'row_to_json copied out' }),
    ]
  },

  async ingest(prepared) {
    const officer = await Client.signIn(baseUrl, { username: 'bench_officer', password: prepared.password })
    const ours = async () => rowCount / (await seconds(() => load(officer, prepared)))
    const definition = sets.find((set) => set.register === 'enterprises').items
      .map((one) => `${one.column} ${{ N: 'numeric(18,2)', D: 'date' }[one.type] ?? 'text'}`).join(', ')
    const reference = async () => rowCount / (await seconds(() => run('sh', ['-c',
      `psql -h '${socket}' -U pengcheng -d pengcheng -q -v ON_ERROR_STOP=1 -c "DROP TABLE IF EXISTS public.bench_copy" -c "CREATE TABLE public.bench_copy (${definition})" -c "\\copy public.bench_copy from '${prepared.csv}' csv header" -c "CREATE UNIQUE INDEX ON public.bench_copy (credit_code)"`])))
    return [await compare('full load of a CSV with checks', ours, reference, { unit: 'rows/s', reference_is: 'psql \\copy and the unique index' })]
  },

  async quality(prepared) {
    const officer = await Client.signIn(baseUrl, { username: 'bench_officer', password: prepared.password })
    const ours = async () => rowCount / (await seconds(async () => {
      const started = await officer.post(`/api/v1/quality/${prepared.ref}/runs`)
      await officer.job(started.job_id)
    }))
    const sql = `SELECT count(*) FILTER (WHERE name IS NULL), count(*) FILTER (WHERE credit_code !~ '^[0-9A-HJ-NPQRTUWXY]{18}$'), count(*) FILTER (WHERE capital < 0), count(*) FILTER (WHERE length(name) > 120), count(*) FILTER (WHERE closed_on < founded_on), count(*) FILTER (WHERE founded_on > current_date), count(*) FILTER (WHERE phone !~ '^1[3-9][0-9]{9}$'), count(*) FILTER (WHERE region NOT IN (SELECT value FROM catalogue.code_value WHERE list = 'region')), count(DISTINCT credit_code) FROM ${table(prepared)}`
    return [await compare('rules of the entry over all rows', ours, async () => rowCount / (await seconds(() => psql(sql))), { unit: 'rows/s', reference_is: 'one hand-written SQL scan of like rules' })]
  },
}

const name = process.argv[2]
const server = await startServer()
try {
  const prepared = await prepare()
  if (name !== '--prepare') {
    if (!benches[name]) throw new Error(`no bench is called ${name}; there are ${Object.keys(benches).join(', ')}`)
    const result = { name, rows: rowCount, cases: await benches[name](prepared) }
    if (process.argv.includes('--json')) console.log(JSON.stringify(result, null, 2))
    else for (const one of result.cases) console.log(`${one.case}: ${Math.round(one.ours)} ${one.unit}${one.ratio ? `, ${one.ratio.toFixed(2)} of ${one.reference_is} (${Math.round(one.reference)})` : ''}`)
  }
} finally {
  server.kill('SIGTERM')
  await new Promise((resolve) => server.on('exit', resolve))
}
