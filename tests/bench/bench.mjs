// Measures ours against a reference of the same machine in interleaved rounds of one run:
//   ./dev bench http|data-api|jobs|ingest|export|quality [--json] [--rows N] [--rounds N]      ./dev bench --prepare
// One file a bench beside this one; each exports `cases(prepared, server)`, which gives the cases of DESIGN §11.
import { existsSync } from 'node:fs'

import { options, prepare, startServer } from './shared.mjs'

const name = process.argv[2] ?? ''
const file = new URL(`./${name.replaceAll('-', '_')}.mjs`, import.meta.url)
const preparing = name === '--prepare'
if (!preparing && (!/^[a-z-]+$/.test(name) || ['bench', 'shared', 'register'].includes(name) || !existsSync(file))) {
  console.error(`no bench is called ${name}`)
  process.exit(2)
}

function show(one) {
  const ratio = one.ratio === undefined ? '' : `, ${one.ratio.toFixed(2)} of ${one.reference_is} (${Math.round(one.reference)})`
  const memory = one.peak_rss_mb === undefined ? '' : `, ${one.peak_rss_mb} MB`
  return `${one.case}: ${Math.round(one.ours * 100) / 100} ${one.unit}${ratio}${memory}`
}

const server = await startServer()
try {
  const { cases, withoutData } = preparing ? {} : await import(file)
  const prepared = withoutData ? null : await prepare()
  if (!preparing) {
    const result = { name, rows: options.rows, cases: await cases(prepared, server) }
    if (options.json) console.log(JSON.stringify(result, null, 2))
    else for (const one of result.cases) console.log(show(one))
  }
} finally {
  await server.stop()
}
