// A caller of the HTTP API, as a browser or a department's system is one. No shortcut to the database.
import { execFileSync } from 'node:child_process'

export class Client {
  constructor(baseUrl) {
    this.baseUrl = baseUrl
    this.cookie = ''
    this.csrf = ''
    this.token = ''
  }

  static async signIn(baseUrl, account) {
    const client = new Client(baseUrl)
    const reply = await client.send('POST', '/api/v1/session', { username: account.username, password: account.password })
    client.csrf = reply.body.csrf_token
    client.user = reply.body.user
    return client
  }

  /** -> {status, body, etag, location}. Throws for a refusal, with what the server said. */
  async send(method, path, body, options = {}) {
    const headers = { Accept: 'application/json', 'Accept-Language': 'zh-CN', ...options.headers }
    if (this.cookie) headers.Cookie = this.cookie
    if (this.csrf) headers['X-CSRF-Token'] = this.csrf
    if (this.token) headers.Authorization = `Bearer ${this.token}`
    if (options.version !== undefined) headers['If-Match'] = `"${options.version}"`
    let payload
    if (body instanceof Uint8Array) {
      payload = body
      headers['Content-Type'] = 'application/octet-stream'
    } else if (body instanceof URLSearchParams) {
      payload = body.toString()
      headers['Content-Type'] = 'application/x-www-form-urlencoded'
    } else if (body !== undefined) {
      payload = JSON.stringify(body)
      headers['Content-Type'] = 'application/json'
    }
    const reply = await fetch(this.baseUrl + path, { method, headers, body: payload, redirect: 'manual' })
    const cookie = reply.headers.getSetCookie().find((line) => line.startsWith('pc_session='))
    if (cookie) this.cookie = cookie.split(';')[0]
    const text = await reply.text()
    const json = (reply.headers.get('content-type') ?? '').includes('json') ? JSON.parse(text) : text
    if (reply.status >= 400) {
      throw new Error(`${method} ${path} -> ${reply.status} ${typeof json === 'string' ? json.slice(0, 300) : JSON.stringify(json)}`)
    }
    return { status: reply.status, body: json, etag: reply.headers.get('etag'), location: reply.headers.get('location') }
  }

  get = async (path) => (await this.send('GET', path)).body
  post = async (path, body = {}, options) => (await this.send('POST', path, body, options)).body
  put = async (path, body, options) => (await this.send('PUT', path, body, options)).body

  async upload(name, bytes, path = '/api/v1/uploads') {
    return this.post(`${path}?name=${encodeURIComponent(name)}`, bytes)
  }

  /** Waits for a job to end well; its result. */
  async job(id) {
    for (;;) {
      const job = await this.get(`/api/v1/jobs/${id}`)
      if (job.state === 'done') return job.result
      if (['failed', 'dead', 'cancelled'].includes(job.state)) throw new Error(`job ${job.kind}: ${JSON.stringify(job.error)}`)
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
  }
}

/** Runs `pengcheng ARGS --json`; the document it prints. */
export function cli(program, args, input) {
  const out = execFileSync(program, ['--json', ...args], { input, encoding: 'utf8', maxBuffer: 1 << 26 })
  return JSON.parse(out)
}
