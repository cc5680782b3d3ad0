// Replies while jobs work: 200 look-ups a second, sent on a fixed schedule whether or not the last one came back,
// first alone, then beside a full load and a quality run. A reply's time counts from when its request was due, so a
// stall counts for every request that it held up.
import { Agent, request } from 'node:http'

import { jobDone, loadUpload, median, officerOf, options, psql, say, settle, tableOf, token, baseUrl, wait } from './shared.mjs'

const perSecond = 200
const seconds = 10
const times_max = 3
const ms_floor = 10

const percentile = (list, share) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))]

/** One GET -> milliseconds since `due`. */
function timed(agent, path, bearer, due) {
  return new Promise((resolve, reject) => {
    const sent = request(`${baseUrl}${path}`, { agent, headers: { Authorization: `Bearer ${bearer}` } }, (reply) => {
      reply.resume()
      reply.on('end', () => (reply.statusCode === 200 ? resolve(performance.now() - due) : reject(new Error(`${path} answered ${reply.statusCode}`))))
    })
    sent.on('error', reject)
    sent.end()
  })
}

/** Sends requests on the schedule while `going()` -> times of all. */
async function openLoop(paths, bearer, going) {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 })
  const replies = []
  const began = performance.now() + 50
  for (let i = 0; going(i); i++) {
    const due = began + (i * 1000) / perSecond
    if (due > performance.now()) await wait(due - performance.now())
    replies.push(timed(agent, paths[i % paths.length], bearer, due))
  }
  const out = await Promise.all(replies)
  agent.destroy()
  return out
}

const show = (name, times) => say(`${name}: ${times.length} replies, p50 ${percentile(times, 0.5).toFixed(1)} p99 ${percentile(times, 0.99).toFixed(1)} max ${Math.max(...times).toFixed(1)} ms`)

export async function cases(prepared) {
  const officer = await officerOf()
  const bearer = await token(prepared)
  const keys = psql(`SELECT credit_code FROM ${tableOf(prepared.ref)} ORDER BY md5(credit_code) LIMIT 500`).split('\n')
  const paths = keys.map((key) => `/api/v1/data/${prepared.ref}?credit_code=eq.${key}`)
  await openLoop(paths, bearer, (i) => i < 2 * perSecond) // connections, statements and plans warm

  const idle = []
  const busy = []
  for (let round = 0; round < options.rounds; round++) {
    await settle()
    const alone = await openLoop(paths, bearer, (i) => i < seconds * perSecond)
    let working = true
    const work = async () => {
      const judged = officer.post(`/api/v1/quality/${prepared.qualityRef}/runs`).then((started) => jobDone(officer, started.job_id))
      await Promise.all([judged, loadUpload(officer, prepared.qualityRef, prepared.upload)])
      working = false
    }
    const worked = work()
    const beside = await openLoop(paths, bearer, () => working)
    await worked
    show('alone', alone)
    show('beside a load and a quality run', beside)
    idle.push(percentile(alone, 0.99))
    busy.push(percentile(beside, 0.99))
  }
  return [{ case: `p99 of look-ups at ${perSecond}/s beside a full load and a quality run`, ours: median(busy), unit: 'ms',
    idle_p99_ms: median(idle), max: Math.max(times_max * median(idle), ms_floor) }]
}
