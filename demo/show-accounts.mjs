// Prints the demo's accounts as a table: node demo/show-accounts.mjs var/demo.json
import { readFileSync } from 'node:fs'

const demo = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const width = (text) => [...text].reduce((sum, c) => sum + (c.codePointAt(0) > 0x2e80 ? 2 : 1), 0)
const padded = (text, size) => text + ' '.repeat(Math.max(1, size - width(text)))
const shown = new Map()
for (const account of demo.accounts) if (!shown.has(account.role)) shown.set(account.role, account)
console.log(`\n演示账号（全部账号见 ${process.argv[2]}）/ demo accounts`)
for (const account of shown.values()) {
  console.log(`  ${padded(account.role, 18)}${padded(account.organization || '-', 6)}${padded(account.username, 26)}${account.password}`)
}
console.log(`\n  门户 / portal   ${demo.base_url}/\n  控制台 / console ${demo.base_url}/console/\n  接口 / API docs  ${demo.base_url}/api/docs\n`)
