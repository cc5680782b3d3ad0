// Servers that one would otherwise put before such a table. Each starts on the bench's cluster, answers the same
// rows, and is stopped again; `rate` is measured by the same wrk.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { psql, run, sameAnswer, say, socket, wait, wrk } from './shared.mjs'

const folder = join(dirname(fileURLToPath(import.meta.url)), 'peers')
const bearer = 'a-token-known-to-the-peer'

function install() {
  if (existsSync(join(folder, 'node_modules', '.package-lock.json'))) return
  say('安装对照服务 / installing the peers from npm')
  run('npm', ['ci', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error'])
}

async function start(script, port, more, probe) {
  install()
  const child = spawn(process.execPath, [join(folder, script)], {
    stdio: ['ignore', 'ignore', 'inherit'], detached: true,
    env: { ...process.env, NODE_ENV: 'production', PEER: JSON.stringify({ port, socket, bearer, ...more }) },
  })
  for (let tries = 0; ; tries++) {
    try {
      if ((await probe()).ok) break
    } catch (error) {
      if (tries > 100) throw error
    }
    await wait(100)
  }
  return async () => {
    const gone = new Promise((resolve) => child.on('exit', resolve))
    process.kill(-child.pid, 'SIGTERM')
    await gone
  }
}

const names = (rows) => rows.map((row) => row.name)

export async function fastify({ table, list }) {
  const port = 18092
  const url = `http://127.0.0.1:${port}`
  const headers = { Authorization: `Bearer ${bearer}` }
  const stop = await start('fastify.mjs', port, { table, list }, () => fetch(`${url}/row/x`, { headers }))
  const path = (rows) => (rows === 1 ? '/row/' : `/page/${rows}/`)
  return {
    name: 'fastify',
    what: 'fastify with pg, a process a core; no evidence, no grant',
    stop,
    async check(key, rows, ours) {
      sameAnswer('a page of fastify', names(await (await fetch(url + path(rows) + key, { headers })).json()), names(ours))
    },
    rate: (clients, keys, rows) => wrk(clients, url, keys.map((key) => ({ path: path(rows) + key })), headers),
  }
}

const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase())

export async function postgraphile({ table, fields }) {
  psql('DROP SCHEMA IF EXISTS bench_peer CASCADE; CREATE SCHEMA bench_peer',
    `CREATE VIEW bench_peer.enterprise AS SELECT ${fields.join(', ')} FROM ${table}`,
    `COMMENT ON VIEW bench_peer.enterprise IS '@primaryKey credit_code'`,
    `CREATE FUNCTION bench_peer.from_code(code text, most int) RETURNS SETOF bench_peer.enterprise LANGUAGE sql STABLE AS $$ SELECT * FROM bench_peer.enterprise WHERE credit_code >= code ORDER BY credit_code LIMIT most $$`)
  const port = 18093
  const url = `http://127.0.0.1:${port}`
  const nodes = `{ nodes { ${fields.map(camel).join(' ')} } }`
  const query = (rows) => (rows === 1 ? `query($k: String!) { rows: allEnterprises(condition: {creditCode: $k}) ${nodes} }` : `query($k: String!) { rows: fromCode(code: $k, most: ${rows}) ${nodes} }`)
  const ask = (key, rows) => fetch(`${url}/graphql`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ query: query(rows), variables: { k: key } }) })
  const stop = await start('postgraphile.mjs', port, {}, () => ask('x', 1))
  return {
    name: 'PostGraphile',
    what: 'PostGraphile 4, a process a core; no token, no evidence, no grant',
    stop,
    async check(key, rows, ours) {
      sameAnswer('a page of PostGraphile', names((await (await ask(key, rows)).json()).data.rows.nodes), names(ours))
    },
    rate: (clients, keys, rows) =>
      wrk(clients, url, keys.map((key) => ({ method: 'POST', path: '/graphql', body: JSON.stringify({ query: query(rows), variables: { k: key } }) })), { 'Content-Type': 'application/json' }),
  }
}
