import { compare, pgbench, psql, tableOf, token, wrk } from './shared.mjs'

export async function cases(prepared) {
  const bearer = await token(prepared)
  const table = tableOf(prepared.ref)
  psql(`DROP TABLE IF EXISTS public.bench_key; CREATE TABLE public.bench_key (i int PRIMARY KEY, k text); INSERT INTO public.bench_key SELECT row_number() OVER (ORDER BY md5(credit_code)), credit_code FROM (SELECT credit_code FROM ${table} ORDER BY md5(credit_code) LIMIT 2000) t`)
  const keys = psql('SELECT k FROM public.bench_key ORDER BY i').split('\n')
  const list = `({${keys.map((key) => `"${key}"`).join(',')}})[math.random(${keys.length})]`
  const look = `\\set i random(1, 2000)\nSELECT t.* FROM ${table} t WHERE t.credit_code = (SELECT k FROM public.bench_key WHERE i = :i);\n`
  const path = `"/api/v1/data/${prepared.ref}?credit_code=eq." .. ${list}`
  const out = []
  for (const connections of [16, 64]) {
    out.push(await compare(`row by key, strict evidence, ${connections} clients`, () => wrk(connections, path, bearer), () => pgbench(connections, look),
      { unit: 'look-ups/s', reference_is: 'pgbench -M prepared, the same row, no evidence' }))
  }
  const page = `"/api/v1/data/${prepared.ref}?region=eq.320302&limit=20"`
  const pageSql = `SELECT * FROM ${table} WHERE region = '320302' ORDER BY _id LIMIT 20;\n`
  out.push(await compare('page of 20 by filter, 16 clients', () => wrk(16, page, bearer), () => pgbench(16, pageSql),
    { unit: 'pages/s', reference_is: 'pgbench -M prepared, the same page, no evidence' }))
  return out
}
