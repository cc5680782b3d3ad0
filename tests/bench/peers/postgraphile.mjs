// PostGraphile over a view of the same columns, one process a core.
import cluster from 'node:cluster'
import { createServer } from 'node:http'
import { availableParallelism } from 'node:os'

import pg from 'pg'
import { postgraphile } from 'postgraphile'

const { port, socket } = JSON.parse(process.env.PEER)

if (cluster.isPrimary) {
  for (let i = 0; i < availableParallelism(); i++) cluster.fork()
} else {
  const pool = new pg.Pool({ host: socket, user: 'pengcheng', database: 'pengcheng', max: 8 })
  pool.on('error', () => {})  // the database stops before us when the bench ends
  createServer(postgraphile(pool, 'bench_peer', { graphiql: false, disableQueryLog: true })).listen(port, '127.0.0.1')
}
