// Loads with checks against the database's own ways in. The clock of a load runs from the posted batch, whose file
// lies uploaded, to the table being readable with its indexes; psql reads the same file from the same disk.
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { loadItems, writeRegister } from './register.mjs'
import { compare, home, loadUpload, officerOf, options, psql, psqlArgs, run, sameAnswer, seconds, tableOf, upload } from './shared.mjs'

const memory_mb_max = 300
const columns = loadItems.map((one) => one.column)
const list = columns.join(', ')
const digest = (table) => psql(`SELECT count(*), sum(hashtextextended(ROW(${list})::text, 0)) FROM ${table}`)

/** Definitions of a table's columns and of its indexes on them (the system's own _id is ours to carry). */
function shapeOf(table) {
  const of = `'${table}'::regclass`
  const types = psql(`SELECT string_agg(quote_ident(attname) || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = ${of} AND attnum > 0 AND attname !~ '^_'`)
  const indexes = psql(`SELECT regexp_replace(pg_get_indexdef(indexrelid), 'INDEX \\S+ ON \\S+', 'INDEX ON public.bench_copy') FROM pg_index WHERE indrelid = ${of} AND pg_get_indexdef(indexrelid) NOT LIKE '%(\\_id)'`).split('\n')
  return { types, indexes }
}

function fill(shape, file, encoding) {
  const statements = ['DROP TABLE IF EXISTS public.bench_copy', `CREATE TABLE public.bench_copy (${shape.types})`,
    `\\copy public.bench_copy from '${file}' (format csv, header, encoding '${encoding}')`, ...shape.indexes]
  run('psql', [...psqlArgs, ...statements.flatMap((sql) => ['-c', sql])])
}

function merge(file) {
  const sets = columns.filter((one) => one !== 'credit_code').map((one) => `${one} = excluded.${one}`).join(', ')
  run('psql', [...psqlArgs, '-c', 'DROP TABLE IF EXISTS public.bench_stage', '-c', 'CREATE UNLOGGED TABLE public.bench_stage (LIKE public.bench_copy)',
    '-c', `\\copy public.bench_stage from '${file}' (format csv, header)`,
    '-c', `INSERT INTO public.bench_copy (${list}) SELECT ${list} FROM public.bench_stage ON CONFLICT (credit_code) DO UPDATE SET ${sets}`])
}

async function fullLoads(prepared, server, officer) {
  const shape = shapeOf(tableOf(prepared.ref))
  const out = []
  for (const [name, file, encoding, goal] of [
    ['full load of a CSV with checks', prepared.csv, 'UTF8', 0.7],
    ['full load of a GB18030 CSV with checks', prepared.gb18030, 'GB18030', 0.6],
  ]) {
    const id = await upload(officer, 'enterprises.csv', file)
    const peak = await server.peakMb(() => loadUpload(officer, prepared.ref, id))
    fill(shape, file, encoding)
    sameAnswer('loaded rows', digest(tableOf(prepared.ref)), digest('public.bench_copy'))
    out.push(await compare(name,
      async () => options.rows / (await seconds(() => loadUpload(officer, prepared.ref, id))),
      async () => options.rows / (await seconds(() => fill(shape, file, encoding))),
      { unit: 'rows/s', reference_is: 'psql \\copy of the file into a fresh table, then the same indexes', goal, peak_rss_mb: Math.round(peak), peak_rss_mb_max: memory_mb_max }))
  }
  return out
}

/** A tenth of the rows: nine in ten change, spread over the register, the tenth is new; a file of its own each round. */
async function upsert(prepared, officer) {
  const rows = Math.round(options.rows / 10)
  const added = Math.round(rows / 10)
  const rounds = []
  for (let round = 0; round <= options.rounds; round++) {
    const file = join(home, `upsert-${options.rows}-${round}.csv`)
    const numbers = [...Array(rows).keys()].map((i) => (i < rows - added ? i * 11 + round : options.rows + round * added + i - (rows - added)))
    if (!existsSync(file)) await writeRegister(file, numbers, round + 1)
    rounds.push({ file, id: await upload(officer, 'upsert.csv', file) })
  }
  const ours = (round) => loadUpload(officer, prepared.ref, rounds[round].id, 'upsert')
  await ours(0)
  merge(rounds[0].file)
  sameAnswer('merged rows', digest(tableOf(prepared.ref)), digest('public.bench_copy'))
  const result = await compare(`upsert by key of ${rows} rows`,
    async (round) => rows / (await seconds(() => ours(round + 1))),
    async (round) => rows / (await seconds(() => merge(rounds[round + 1].file))),
    { unit: 'rows/s', reference_is: '\\copy into a staging table and one INSERT ... ON CONFLICT', goal: 0.8 })
  psql('DROP TABLE IF EXISTS public.bench_copy, public.bench_stage')
  return result
}

export async function cases(prepared, server) {
  const officer = await officerOf()
  const out = await fullLoads(prepared, server, officer)
  out.push(await upsert(prepared, officer))
  // Later benches read the rows as they were prepared.
  await loadUpload(officer, prepared.ref, prepared.upload)
  return out
}
