// Every row out through the data API, against the database's own copy of the same columns.
import { join } from 'node:path'

import { loadItems } from './register.mjs'
import { baseUrl, compare, home, options, psqlArgs, run, sameAnswer, seconds, tableOf, token } from './shared.mjs'

const memory_mb_max = 150

export async function cases(prepared, server) {
  const bearer = await token(prepared)
  const columns = loadItems.map((one) => one.column).join(', ')
  const selects = { csv: `SELECT ${columns} FROM ${tableOf(prepared.ref)}` }
  selects.json = `SELECT row_to_json(t) FROM (${selects.csv}) t`
  const accept = { csv: 'text/csv', json: 'application/json' }

  const fetch = (kind, into) => run('curl', ['-sf', '-o', into, '-H', `Authorization: Bearer ${bearer}`, '-H', `Accept: ${accept[kind]}`, `${baseUrl}/api/v1/data/${prepared.ref}`])
  const copy = (kind, into) => run('sh', ['-c', `psql ${psqlArgs.join(' ')} -c "\\copy (${selects[kind]}) to stdout${kind === 'csv' ? ' csv' : ''}" > '${into}'`])
  const rate = (work) => async () => options.rows / (await seconds(work))

  const [ours, theirs] = [join(home, 'export-ours'), join(home, 'export-reference')]
  fetch('csv', ours)
  copy('csv', theirs)
  const digest = (file, skip) => run('sh', ['-c', `tail -n +${skip + 1} '${file}' | tr -d '\\r' | LC_ALL=C sort | sha256sum`])
  sameAnswer('exported rows', digest(ours, 1), digest(theirs, 0))
  fetch('json', ours)
  sameAnswer('rows of JSON', Number(run('sh', ['-c', `grep -o '"credit_code"' '${ours}' | wc -l`])), options.rows)
  run('rm', ['-f', ours, theirs])

  const out = []
  for (const [kind, name, reference_is, goal] of [
    ['csv', 'all rows as CSV', 'psql \\copy to, csv', 0.9],
    ['json', 'all rows as JSON', 'row_to_json copied out', 1.0],
  ]) {
    const peak = await server.peakMb(() => fetch(kind, '/dev/null'))
    out.push(await compare(name, rate(() => fetch(kind, '/dev/null')), rate(() => copy(kind, '/dev/null')),
      { unit: 'rows/s', reference_is, goal, peak_rss_mb: Math.round(peak), peak_rss_mb_max: memory_mb_max }))
  }
  return out
}
