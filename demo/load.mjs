// Tells the demo's story to a running server: accounts through the CLI, everything else through the HTTP API,
// with the accounts that would do it. Writes $PENGCHENG_VAR/demo.json last, so a broken run starts over.
//   node demo/load.mjs --base-url URL --program build/release/pengcheng
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { Client, cli } from './client.mjs'
import { completed, entry, facts, registers as registerEntries, rulesOf } from './datasets.mjs'
import { registers, toCsv } from './registers.mjs'
import { tellExchange, tellServices } from './story.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? fallback : process.argv[at + 1]
}
const baseUrl = option('base-url', 'http://127.0.0.1:8080')
const program = option('program', join(here, '../build/release/pengcheng'))
const target = join(process.env.PENGCHENG_VAR ?? 'var', 'demo.json')
const say = (text) => process.stderr.write(`    ${text}\n`)

const names = { '009': '编办', '015': '市政府办', '020': '民宗局', '021': '公安局', '022': '民政局', '040': '市场监管局', '042': '统计局', '044': '数据局' }
const roleNames = {
  data_officer: '数据专员', provider_officer: '共享负责人', reviewer: '目录审核员', window_staff: '综合窗口', case_officer: '审批人员',
  system_admin: '系统管理员', security_admin: '安全管理员', audit_admin: '安全审计员',
}

function staff() {
  const list = [['data_officer', '040'], ['provider_officer', '040'], ['reviewer', '044'], ['window_staff', '044'], ['case_officer', '022'],
    ['data_officer', '022'], ['provider_officer', '021'], ['data_officer', '021'], ['provider_officer', '022'], ['data_officer', '044'],
    ['provider_officer', '044'], ['data_officer', '009'], ['data_officer', '015'], ['data_officer', '020'], ['data_officer', '042'],
    ['case_officer', '040'], ['system_admin', ''], ['security_admin', ''], ['audit_admin', '']]
  return list.map(([role, organization]) => ({
    role, organization,
    username: organization ? `${role}_${organization}` : role,
    display_name: (names[organization] ?? '') + roleNames[role],
  }))
}

// Passwords of a run that broke: the accounts exist then, and nobody gives them new ones without an administrator.
const kept = target + '.part'

/** A secret file of the folder's owner, who as root's server is another user and backs it up with the rest. */
function keep(file, content) {
  writeFileSync(file, content, { mode: 0o600 })
  chmodSync(file, 0o600)
  const owner = statSync(dirname(file))
  if (process.getuid() === 0) chownSync(file, owner.uid, owner.gid)
}

const passwords = existsSync(kept) ? JSON.parse(readFileSync(kept, 'utf8')) : {}

/** Makes an account, once. The administrators come last: from the third on only they give roles. */
function makeAccount(account) {
  const existing = cli(program, ['user', 'list', '--limit', '10000']).items.find((user) => user.username === account.username)
  if (existing && passwords[account.username]) return { ...account, password: passwords[account.username] }
  if (existing) throw new Error(`${account.username} exists, but ${kept} does not know its password: start with an empty folder (./dev clean)`)
  const password = randomBytes(12).toString('base64url') + '-Aa1'
  passwords[account.username] = password
  keep(kept, JSON.stringify(passwords))
  const where = account.organization ? ['--organization', account.organization] : []
  cli(program, ['user', 'add', '--username', account.username, '--display-name', account.display_name, '--role', account.role, ...where,
    '--password-stdin'], password + '\n')
  return { ...account, password }
}

class Team {
  constructor(accounts) {
    this.accounts = accounts
    this.clients = new Map()
  }
  async as(role, organization) {
    const account = this.accounts.find((one) => one.role === role && (!organization || one.organization === organization))
    if (!account) throw new Error(`the demo has no ${role} of ${organization}`)
    if (!this.clients.has(account.username)) this.clients.set(account.username, await Client.signIn(baseUrl, account))
    return this.clients.get(account.username)
  }
}

/** Compiles, reviews and publishes one entry; -> the published resource. An entry of an earlier run is kept. */
async function compile(team, set, synthetic) {
  const officer = await team.as('data_officer', set.provider)
  const reviewer = await team.as('reviewer')
  const present = await officer.get(`/api/v1/catalogue/resources?organization=${set.provider}&limit=100&q=${encodeURIComponent(set.name)}`)
  let resource = present.items.find((one) => one.name === set.name)
  if (resource) resource = await officer.get(`/api/v1/catalogue/resources/${resource.ref}`)
  else resource = await officer.post('/api/v1/catalogue/resources', entry(set, synthetic))
  const url = `/api/v1/catalogue/resources/${resource.ref}`
  if (set.pack && resource.state === 'draft') resource = await officer.put(url, completed(resource), { version: resource.version })
  const step = async (client, action) => {
    resource = await client.post(`${url}/${action}`, {}, { version: resource.version })
  }
  if (resource.state === 'draft' || resource.state === 'returned') await step(officer, 'submit')
  if (resource.state === 'submitted') await step(reviewer, 'approve')
  if (resource.state === 'approved') await step(reviewer, 'publish')
  return resource
}

/** Uploads and loads the file, then waits for the quality run that the load enqueued. */
async function load(team, set, resource, name, bytes) {
  const officer = await team.as('data_officer', set.provider)
  if (set.rules) {
    await officer.put(`/api/v1/quality/${resource.ref}/rules`, { rules: rulesOf(set) })
  }
  const upload = await officer.upload(name, bytes)
  const batch = await officer.post(`/api/v1/ingest/${resource.ref}/batches`, { upload_id: upload.id, mode: 'replace' })
  await officer.job(batch.job_id)
  for (let i = 0; ; i++) {
    const runs = await officer.get(`/api/v1/quality/${resource.ref}/runs`)
    if (runs.items[0]?.state === 'done') break
    if (i > 400) throw new Error(`no quality report of ${set.name}`)
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
}

/** Proposes, checks and signs off an open data set. */
async function open(team, set, resource, wanted) {
  const officer = await team.as('data_officer', set.provider)
  const reviewer = await team.as('reviewer')
  const proposals = await officer.get('/api/v1/open/proposals?box=mine&limit=100')
  let proposal = proposals.items.find((one) => one.slug === wanted.slug)
  if (proposal?.state === 'published') return
  const body = {
    resource: resource.ref, slug: wanted.slug, title: wanted.title, abstract: resource.abstract, open_type: 'unconditional',
    items: wanted.columns.map((column) => ({ column })), licence: wanted.licence, theme: resource.domain, keywords: resource.keywords,
  }
  if (!proposal) proposal = await officer.post('/api/v1/open/proposals', body)
  else if (proposal.state === 'draft') {
    proposal = await officer.put(`/api/v1/open/proposals/${proposal.id}`, body, { version: proposal.version })
  }
  const check = await officer.get(`/api/v1/open/proposals/${proposal.id}/check`)
  const failing = check.checks.filter((one) => !one.passed && one.code !== 'sign_off' && one.code !== 'sign-off')
  if (failing.length) throw new Error(`${set.name} may not be opened: ${JSON.stringify(failing)}`)
  if (proposal.state === 'draft' || proposal.state === 'returned') {
    proposal = await officer.post(`/api/v1/open/proposals/${proposal.id}/submit`, {}, { version: proposal.version })
  }
  await reviewer.post(`/api/v1/open/proposals/${proposal.id}/approve`, {}, { version: proposal.version })
}

const accounts = staff().map(makeAccount)
say(`${accounts.length} 个账号 / accounts`)
const team = new Team(accounts)
const resources = []
const datasets = []

for (const set of facts) {
  const resource = await compile(team, set, false)
  await load(team, set, resource, set.file, readFileSync(join(here, 'facts', set.file)))
  await open(team, set, resource, { slug: set.slug, title: set.name, columns: resource.items.map((one) => one.column), licence: 'xz-open-1' })
  resources.push(resource.ref)
  datasets.push(set.slug)
  say(`${set.name} → /datasets/${set.slug}`)
}

const made = registers()
const refs = {}
for (const set of registerEntries) {
  const resource = await compile(team, set, true)
  await load(team, set, resource, `${set.register}.csv`, Buffer.from(toCsv(made[set.register])))
  if (set.open) {
    await open(team, set, resource, { ...set.open, licence: 'xz-open-1' })
    datasets.push(set.open.slug)
  }
  resources.push(resource.ref)
  refs[set.register] = resource.ref
  say(`${set.name}: ${made[set.register].rows.length} 行 / rows`)
}

const clients = [await tellExchange({ baseUrl, team, refs, say })]
const told = await tellServices({ baseUrl, team, made, say })
const shown = accounts.map(({ role, organization, username, password }) => ({ role, organization, username, password }))
const demo = { base_url: baseUrl, accounts: [...shown, told.citizen], clients, resources, datasets, items: told.items }
keep(target, JSON.stringify(demo, null, 2) + '\n')
rmSync(kept, { force: true })
