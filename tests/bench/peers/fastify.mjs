// A row or a page as a careful developer serves it: fastify, pg, prepared statements, the token looked up in memory.
import cluster from 'node:cluster'
import { availableParallelism } from 'node:os'

import fastify from 'fastify'
import pg from 'pg'

const { port, socket, table, list, bearer } = JSON.parse(process.env.PEER)

if (cluster.isPrimary) {
  for (let i = 0; i < availableParallelism(); i++) cluster.fork()
} else {
  const pool = new pg.Pool({ host: socket, user: 'pengcheng', database: 'pengcheng', max: 8 })
  pool.on('error', () => {})  // the database stops before us when the bench ends
  const tokens = new Map([[bearer, { organization: '022' }]])
  const app = fastify()
  app.addHook('onRequest', async (request, reply) => {
    const token = request.headers.authorization?.replace('Bearer ', '')
    if (!tokens.has(token)) return reply.code(401).send({ error: 'unauthorized' })
  })
  app.get('/row/:key', async (request) =>
    (await pool.query({ name: 'row', text: `SELECT ${list} FROM ${table} WHERE credit_code = $1`, values: [request.params.key] })).rows)
  app.get('/page/:rows/:key', async (request) => {
    const values = [request.params.key, Number(request.params.rows)]
    return (await pool.query({ name: 'page', text: `SELECT ${list} FROM ${table} WHERE credit_code >= $1 ORDER BY credit_code LIMIT $2`, values })).rows
  })
  await app.listen({ port, host: '127.0.0.1' })
}
