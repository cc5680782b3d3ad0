// HTTP alone: an empty reply against nginx, the time to be ready, the memory at rest. Needs no data.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

import { baseUrl, compare, home, median, options, program, run, say, socket, wait } from './shared.mjs'

export const withoutData = true

/** nginx with as many workers as we have I/O threads, answering 200 with an empty body, its access log off. */
async function startNginx() {
  if (!existsSync('/usr/sbin/nginx')) {
    say('安装 nginx-light / installing nginx-light')
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'nginx-light'])
  }
  const folder = join(home, 'nginx')
  mkdirSync(folder, { recursive: true })
  const port = Number(new URL(baseUrl).port) + 1
  const workers = Math.min(4, availableParallelism())
  writeFileSync(join(folder, 'nginx.conf'), `worker_processes ${workers};
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
daemon off;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server { listen 127.0.0.1:${port}; location / { return 200 ""; } }
}
`)
  const child = spawn('/usr/sbin/nginx', ['-c', join(folder, 'nginx.conf')], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  for (let i = 0; ; i++) {
    try {
      await fetch(url)
      break
    } catch (error) {
      if (i === 100) throw error
      await wait(50)
    }
  }
  return {
    url,
    stop: async () => {
      const gone = new Promise((resolve) => child.on('exit', resolve))
      child.kill('SIGTERM')
      await gone
    },
  }
}

/** A second server on the bench's database: seconds until it is ready, and its memory two seconds later. */
async function startAnother() {
  const folder = join(home, 'second')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  cpSync(join(home, 'keys'), join(folder, 'keys'), { recursive: true })
  run('chown', ['-R', '--reference', join(home, 'keys'), folder])
  const env = { ...process.env, PENGCHENG_VAR: folder, PENGCHENG_LISTEN: '127.0.0.1:0',
    PENGCHENG_DATABASE_URL: `host=${socket} user=pengcheng dbname=pengcheng` }
  const began = process.hrtime.bigint()
  const child = spawn(program, ['serve'], { env, stdio: ['ignore', 'pipe', 'ignore'] })
  await new Promise((resolve, reject) => {
    child.stdout.on('data', (text) => String(text).includes('ready ') && resolve())
    child.on('exit', () => reject(new Error('the second server did not start')))
  })
  const ready = Number(process.hrtime.bigint() - began) / 1e9
  await wait(2000)
  const memory = Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024
  const gone = new Promise((resolve) => child.on('exit', resolve))
  child.kill('SIGTERM')
  await gone
  return { ready, memory }
}

/** Requests a second of one URL. Without a script: at this rate wrk's Lua would be half of what is measured. */
function requests(url) {
  const out = run('wrk', ['-t1', '-c64', '-d5s', url])
  if (/Non-2xx|Socket errors/.test(out)) throw new Error(`wrk met errors: ${out}`)
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(out)[1])
}

export async function cases() {
  const nginx = await startNginx()
  const out = []
  try {
    out.push(await compare('empty reply (/healthz) at 64 keep-alive connections', () => requests(`${baseUrl}/healthz`),
      () => requests(nginx.url), { before: () => {}, unit: 'requests/s', reference_is: 'nginx answering 200 with an empty body', goal: 0.8 }))
  } finally {
    await nginx.stop()
  }
  const starts = []
  for (let i = 0; i < options.rounds; i++) starts.push(await startAnother())
  out.push({ case: 'start to ready on an existing database', ours: median(starts.map((one) => one.ready)), unit: 's', max: 1 })
  out.push({ case: 'idle memory', ours: median(starts.map((one) => one.memory)), unit: 'MB', max: 80 })
  return out
}
