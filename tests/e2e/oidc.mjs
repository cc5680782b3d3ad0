// Sign-in through an outside OpenID provider: the real server against the npm package oidc-provider, both on this
// machine. fetch with a jar of cookies plays the browser.
//   node tests/e2e/oidc.mjs [--program build/release/pengcheng]
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const at = process.argv.indexOf('--program')
const program = at < 0 ? join(root, 'build/release/pengcheng') : process.argv[at + 1]
const from = createRequire(join(root, 'src/web/package.json'))
const { Provider } = await import(pathToFileURL(from.resolve('oidc-provider')).href)

const password = 'Outside-Door-2026'
const people = {
  'officer-7': { preferred_username: 'oidc_officer' },
  'admin-1': { preferred_username: 'system_admin' },
  'stranger-3': { preferred_username: 'nobody_here' },
  'citizen-9': { id_number: '320302190001010010' },
}
/** Whom the provider signs in next. */
let person = 'officer-7'

const listening = (server) =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))
async function freePort() {
  const server = createServer()
  const port = await listening(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function startProvider(redirectUri) {
  let answer
  const server = createServer((request, reply) => answer(request, reply))
  const issuer = `http://127.0.0.1:${await listening(server)}`
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'pengcheng', client_secret: 'outside secret+2026', redirect_uris: [redirectUri] }],
    claims: { openid: ['sub'], profile: ['preferred_username', 'id_number'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId })
      grant.addOIDCScope('openid profile')
      await grant.save()
      return grant
    },
  })
  const callback = provider.callback()
  answer = (request, reply) => {
    if (request.url.startsWith('/interaction/')) {
      return provider.interactionFinished(request, reply, { login: { accountId: person } })
    }
    return callback(request, reply)
  }
  return { issuer, close: () => server.close() }
}

/** Follows redirects by hand; a jar for each origin, as ports share no cookies here. */
class Browser {
  jars = new Map()
  async get(url, { follow = true } = {}) {
    for (let hops = 0; hops < 12; hops++) {
      const { origin } = new URL(url)
      const jar = this.jars.get(origin) ?? new Map()
      this.jars.set(origin, jar)
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
      const reply = await fetch(url, { redirect: 'manual', headers: { cookie, accept: 'application/json' } })
      for (const line of reply.headers.getSetCookie()) {
        const [pair] = line.split(';')
        const name = pair.slice(0, pair.indexOf('='))
        if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) jar.delete(name)
        else jar.set(name, pair.slice(pair.indexOf('=') + 1))
      }
      const place = reply.headers.get('location')
      if (!place || !follow) return reply
      url = new URL(place, url).href
      if (follow instanceof RegExp && follow.test(url)) return { url, status: 0 }
    }
    throw new Error(`too many redirects, last to ${url}`)
  }
}

const folder = mkdtempSync(join(tmpdir(), 'pcoidc-'))
chmodSync(folder, 0o777) // started by root, the server becomes another user
const port = await freePort()
const base = `http://127.0.0.1:${port}`
const provider = await startProvider(`${base}/login/oidc/callback`)
const config = join(folder, 'config.yaml')
writeFileSync(config, `identity:
  oidc:
    issuer: ${provider.issuer}
    client_id: pengcheng
    client_secret: \${env:OIDC_SECRET}
    username_claim: preferred_username
    id_number_claim: id_number
    networks: ["127.0.0.1"]
`)
const environment = {
  ...process.env, PENGCHENG_VAR: join(folder, 'v'), PENGCHENG_LISTEN: `127.0.0.1:${port}`, PENGCHENG_DATABASE_URL: '',
  OIDC_SECRET: 'outside secret+2026',
}
const child = spawn(program, ['serve', '--config', config, '--pack', join(root, 'config/packs/xuzhou')], {
  env: environment, stdio: ['ignore', 'pipe', 'inherit'],
})
const ready = new Promise((resolve, reject) => {
  child.stdout.on('data', (text) => String(text).includes('ready ') && resolve())
  child.once('exit', () => reject(new Error('the server ended')))
})
const cli = (...words) =>
  execFileSync(program, ['--json', ...words], { env: environment, input: `${password}\n`, encoding: 'utf8' })
const session = async (browser) => {
  const reply = await browser.get(`${base}/api/v1/session`, { follow: false })
  return reply.status === 200 ? (await reply.json()).user.username : reply.status
}

const tests = {
  async 'a staff account is found by user name and linked'() {
    const browser = new Browser()
    const end = await browser.get(`${base}/login/oidc?back=/console/catalogue`)
    assert.equal(new URL(end.url).pathname, '/console/catalogue')
    assert.equal(await session(browser), 'oidc_officer')
  },
  async 'the second time the link leads, whatever the name says'() {
    people['officer-7'].preferred_username = 'changed_since'
    const browser = new Browser()
    await browser.get(`${base}/login/oidc`)
    assert.equal(await session(browser), 'oidc_officer')
  },
  async 'a citizen is found by ID number'() {
    const made = await fetch(`${base}/api/v1/accounts`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ username: 'oidc_citizen', password, display_name: '王老五', id_number: '320302190001010010', phone: '13800000000' }),
    })
    assert.equal(made.status, 201)
    person = 'citizen-9'
    const browser = new Browser()
    await browser.get(`${base}/login/oidc`)
    assert.equal(await session(browser), 'oidc_citizen')
  },
  async 'an unknown person is told how to link, and not let in'() {
    person = 'stranger-3'
    const browser = new Browser()
    const end = await browser.get(`${base}/login/oidc`)
    assert.equal(end.status, 403)
    assert.equal((await end.json()).type, '/problems/identity.oidc-unknown')
    assert.equal(await session(browser), 401)
  },
  async 'administrators sign in here only'() {
    person = 'admin-1'
    const browser = new Browser()
    assert.equal((await browser.get(`${base}/login/oidc`)).status, 403)
    assert.equal(await session(browser), 401)
  },
  async 'an answer serves once and in the browser that began it'() {
    person = 'officer-7'
    const browser = new Browser()
    const { url } = await browser.get(`${base}/login/oidc`, { follow: /\/login\/oidc\/callback/ })
    const thief = new Browser()
    assert.equal((await thief.get(url)).status, 403, 'another browser')
    await browser.get(url)
    assert.equal(await session(browser), 'oidc_officer')
    assert.equal((await browser.get(url, { follow: false })).status, 403, 'a second time')
    const forged = new URL(url)
    forged.searchParams.set('state', 'made-up')
    assert.equal((await browser.get(forged.href, { follow: false })).status, 403)
  },
  async 'sign-ins and refusals are in the audit log'() {
    const text = cli('audit', 'list', '--limit', '200')
    for (const action of ['identity.outside.create', 'identity.session.create', 'identity.session.refuse']) {
      assert.ok(text.includes(action), action)
    }
    assert.ok(!text.includes('outside secret'), 'no secret')
  },
}

let passed = 0
let failed = 0
try {
  await ready
  cli('user', 'add', '--username', 'oidc_officer', '--display-name', '外部', '--organization', '040', '--role', 'data_officer', '--password-stdin')
  cli('user', 'add', '--username', 'system_admin', '--display-name', '系统', '--role', 'system_admin', '--password-stdin')
  for (const [name, run] of Object.entries(tests)) {
    try {
      await run()
      passed += 1
      console.log(`PASS oidc: ${name}`)
    } catch (error) {
      failed += 1
      console.log(`FAIL oidc: ${name}: ${error.stack}`)
    }
  }
} finally {
  if (child.exitCode === null) {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
  provider.close()
  rmSync(folder, { recursive: true, force: true })
}
console.log(`${passed} passed, ${failed} failed, 0 skipped`)
process.exit(failed > 0 || passed === 0 ? 1 : 0)
