// Rows read by a department's system through its grant, against pgbench doing the same on the same cluster, and
// against what a developer would write in an afternoon (peers.mjs). Both sides draw the same keys.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { Client, cli } from '../../demo/client.mjs'
import { evidenceInsert, makeEvidenceTable } from './evidence.mjs'
import { fastify, postgraphile } from './peers.mjs'
import { baseUrl, compare, home, postgresBin, program, psql, run, sameAnswer, socket, tableOf, wrk } from './shared.mjs'

const password = 'Bench-Pengcheng-2026'
const keyCount = 20 // one pgbench script a key, so that its statements need no parameters; few, for each connection prepares each
const fields = ['credit_code', 'name', 'kind', 'legal_representative', 'legal_representative_id', 'capital', 'founded_on', 'industry', 'region', 'address', 'phone', 'state']
const masks = { legal_representative: 'name', legal_representative_id: 'id_number', phone: 'mobile' }
const plain = Object.fromEntries(Object.keys(masks).map((column) => [column, 'plain']))

function addAccount(username, role, organization) {
  if (cli(program, ['user', 'list']).items.some((user) => user.username === username)) return
  cli(program, ['user', 'add', '--username', username, '--display-name', username, '--role', role, '--organization', organization, '--password-stdin'], password + '\n')
}

/** A system of `organization` with a grant of our fields, masked or not; its bearer token. */
async function granted(ref, organization, chosenMasks, rowFilter) {
  addAccount(`bench_asker_${organization}`, 'data_officer', organization)
  addAccount('bench_provider', 'provider_officer', '040')
  const asker = await Client.signIn(baseUrl, { username: `bench_asker_${organization}`, password })
  const provider = await Client.signIn(baseUrl, { username: 'bench_provider', password })
  const held = (await asker.get(`/api/v1/exchange/grants?box=held&resource=${ref}&state=active`)).items
  if (held.length === 0) {
    const items = fields.map((column) => ({ column, ...(chosenMasks[column] && { mask: chosenMasks[column], reason: '基准测量' }) }))
    const request = await asker.post('/api/v1/exchange/requests', {
      resource: ref, items, row_filter: rowFilter, basis: '基准测量', scene: '基准测量', scope: '基准测量', purpose: '行政审批', mode: 'api', months: 12,
    })
    await provider.post(`/api/v1/exchange/requests/${request.id}/approve`, { note: '同意' })
  }
  const secret = await asker.post('/api/v1/clients', { name: `bench ${Date.now()}` })
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: secret.client_id, client_secret: secret.client_secret })
  return (await new Client(baseUrl).post('/oauth/token', form)).access_token
}

/** Rates of pgbench over one script a key; `statement(key)` is SQL. */
function pgbenchOver(keys, statement) {
  const files = keys.map((key, i) => {
    const file = join(home, `pgbench-${i}.sql`)
    writeFileSync(file, statement(key))
    return file
  })
  return (clients) => {
    const out = run(`${postgresBin}/pgbench`, ['-h', socket, '-U', 'pengcheng', '-n', '-M', 'prepared', '-c', String(clients), '-j', '1', '-T', '4', ...files.flatMap((file) => ['-f', file]), 'pengcheng'])
    return Number(/tps = ([\d.]+)/.exec(out)[1])
  }
}

const get = async (path, bearer) => (await fetch(baseUrl + path, { headers: { Authorization: `Bearer ${bearer}` } })).json()

/** What both sides read: keys, the reference's statements, and two grants, the second with masks and a row filter. */
export async function grantsFor({ ref }) {
  const table = tableOf(ref)
  const list = fields.join(', ')
  return {
    table, list,
    bearer: await granted(ref, '022', plain, ''),
    masked: await granted(ref, '021', masks, 'state=eq.存续'),
    keys: psql(`SELECT credit_code FROM ${table} WHERE state = '存续' ORDER BY md5(credit_code) LIMIT ${keyCount}`).split('\n'),
    rowSql: (key) => `SELECT ${list} FROM ${table} WHERE credit_code = '${key}';\n`,
    pageSql: (rows) => (key) => `SELECT ${list} FROM ${table} WHERE credit_code >= '${key}' ORDER BY credit_code LIMIT ${rows};\n`,
  }
}

export async function cases(prepared, server) {
  const { ref } = prepared
  const out = []
  const { table, list, bearer, masked, keys, rowSql, pageSql } = await grantsFor(prepared)
  const rowPath = `/api/v1/data/${ref}?credit_code=eq.`
  const pagePath = (rows) => `/api/v1/data/${ref}?order=credit_code&limit=${rows}&credit_code=gte.`
  const json = (sql) => JSON.parse(psql(`SELECT json_agg(row_to_json(t)) FROM (${sql.replace(';\n', '')}) t`))
  for (const key of keys.slice(0, 10)) {
    sameAnswer('a row', await get(rowPath + key, bearer), json(rowSql(key)))
    sameAnswer('a page', await get(pagePath(20) + key, bearer), json(pageSql(20)(key)))
  }
  const ours = (path, clients, token = bearer) => () => wrk(clients, baseUrl, keys.map((key) => ({ path: path + key })), { Authorization: `Bearer ${token}` })
  const peers = [await fastify({ table, list, fields }), await postgraphile({ table, fields })]

  await server.restart('evidence: {mode: relaxed}')
  const rowBench = pgbenchOver(keys, rowSql)
  for (const [clients, goal] of [[16, 0.75], [64, 1.2]]) {
    out.push(await compare(`row by key, relaxed evidence, ${clients} clients`, ours(rowPath, clients), () => rowBench(clients),
      { unit: 'look-ups/s', reference_is: 'pgbench -M prepared, the same row', goal }))
  }
  for (const [rows, goal] of [[20, 0.65], [100, 0.7]]) {
    const pageBench = pgbenchOver(keys, pageSql(rows))
    out.push(await compare(`page of ${rows} rows by an indexed filter, relaxed, 16 clients`, ours(pagePath(rows), 16), () => pageBench(16),
      { unit: 'pages/s', reference_is: 'pgbench -M prepared, the same page', goal }))
  }
  for (const [path, what] of [[rowPath, 'row by key'], [pagePath(20), 'page of 20 rows']]) {
    out.push(await compare(`${what} with masks and a row filter, relaxed, 16 clients`, ours(path, 16, masked), ours(path, 16),
      { unit: 'requests/s', reference_is: 'ours without masks and row filter', goal: 0.77 }))
  }
  for (const peer of peers) {
    for (const [path, what, rows] of [[rowPath, 'row by key', 1], [pagePath(20), 'page of 20 rows', 20], [pagePath(100), 'page of 100 rows', 100]]) {
      await peer.check(keys[0], rows, await get(path + keys[0], bearer))
      out.push(await compare(`${what}, 16 clients, beside ${peer.name}`, ours(path, 16), () => peer.rate(16, keys, rows),
        { unit: 'requests/s', reference_is: peer.what, goal: 1.0 }))
    }
    await peer.stop()
  }

  await server.restart('evidence: {mode: strict}')
  makeEvidenceTable()
  const strictBench = pgbenchOver(keys, (key) => rowSql(key) + evidenceInsert(key))
  for (const [clients, goal] of [[16, 1.0], [64, 2.2]]) {
    out.push(await compare(`row by key, strict evidence, ${clients} clients`, ours(rowPath, clients), () => strictBench(clients),
      { unit: 'look-ups/s', reference_is: 'pgbench doing the same read and the same evidence insert, one commit each', goal }))
  }
  return out
}
