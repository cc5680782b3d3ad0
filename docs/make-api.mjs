// Turns the OpenAPI document into docs/api.md. No dependencies.
//   build/release/pengcheng openapi --json | node docs/make-api.mjs > docs/api.md
//   node docs/make-api.mjs openapi.json > docs/api.md
import { readFileSync } from 'node:fs'

const document = JSON.parse(readFileSync(process.argv[2] ?? 0, 'utf8'))
const schemas = document.components?.schemas ?? {}
const verbs = ['get', 'post', 'put', 'patch', 'delete']

/** Text that cannot break a table. */
const cell = (text) => String(text ?? '').replaceAll('|', '\\|').replace(/\s+/g, ' ').trim()
const anchor = (name) => `#${name.toLowerCase()}`
const nameOf = (reference) => reference.split('/').at(-1)
const link = (name) => `[${name}](${anchor(name)})`

/** A schema in a few words: `string`, `integer or null`, `array of [Item](#item)`. */
function brief(schema) {
  if (!schema || schema === true) return 'any'
  if (schema.$ref) return link(nameOf(schema.$ref))
  if (schema.const !== undefined) return `\`${schema.const}\``
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(' ')
  const choices = schema.oneOf ?? schema.anyOf
  if (choices) return choices.map(brief).join(' or ')
  const types = [].concat(schema.type ?? (schema.properties ? 'object' : 'any'))
  return types.map((type) => (type === 'array' ? `array of ${brief(schema.items)}` : type === 'object' ? objectOf(schema) : type)).join(' or ')
}

function objectOf(schema) {
  if (schema.properties) return `{${Object.keys(schema.properties).join(', ')}}`
  if (schema.additionalProperties && schema.additionalProperties !== true) return `map to ${brief(schema.additionalProperties)}`
  return 'object'
}

/** What else the schema demands of a value. */
function bounds(schema) {
  const said = []
  for (const [key, words] of [['minLength', 'at least %s characters'], ['maxLength', 'at most %s characters'], ['minimum', 'from %s'],
    ['maximum', 'to %s'], ['minItems', 'at least %s entries'], ['maxItems', 'at most %s entries']]) {
    if (schema?.[key] !== undefined) said.push(words.replace('%s', schema[key]))
  }
  if (schema?.pattern) said.push(`pattern \`${schema.pattern}\``)
  if (schema?.description) said.push(schema.description)
  return said.join('; ')
}

function contentOf(content) {
  return Object.entries(content ?? {}).map(([type, { schema }]) => (type === 'application/json' ? brief(schema) : `\`${type}\``)).join(', ')
}

function bodyOf(operation) {
  return contentOf(operation.requestBody?.content)
}

function replyOf(operation) {
  const success = Object.entries(operation.responses ?? {}).filter(([status]) => status.startsWith('2'))
  return success.map(([, reply]) => contentOf(reply.content)).filter(Boolean).join(', ')
}

/** Query names and needed headers; path parameters stand in the path. */
function takes(operation) {
  const list = operation.parameters ?? []
  const query = list.filter((one) => one.in === 'query').map((one) => `\`${one.name}\``)
  const headers = list.filter((one) => one.in === 'header').map((one) => `**${one.name}**`)
  return [...headers, ...query].join(' ')
}

function operationsByModule() {
  const modules = new Map()
  for (const [path, verbsOfPath] of Object.entries(document.paths)) {
    for (const verb of verbs) {
      const operation = verbsOfPath[verb]
      if (!operation) continue
      const module = operation.tags?.[0] ?? 'other'
      if (!modules.has(module)) modules.set(module, [])
      modules.get(module).push({ path, verb, operation })
    }
  }
  return [...modules].sort(([a], [b]) => a.localeCompare(b))
}

function table(head, rows) {
  return [`| ${head.join(' | ')} |`, `|${head.map(() => ' --- |').join('')}`, ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`), ''].join('\n')
}

function schemaSection(name, schema) {
  const parts = [`### ${name}`, '']
  if (schema.description) parts.push(schema.description, '')
  if (!schema.properties) return [...parts, cell(brief(schema)), ''].join('\n')
  const required = new Set(schema.required ?? [])
  const rows = Object.entries(schema.properties).map(([field, one]) => [`\`${field}\`${required.has(field) ? ' \\*' : ''}`, brief(one), bounds(one)])
  return [...parts, table(['field', 'type', 'bounds'], rows)].join('\n')
}

const out = [
  '# API',
  '',
  `Made from the OpenAPI ${document.openapi} document of version ${document.info.version} by \`docs/make-api.mjs\`; not edited by hand.`,
  'A running server gives the same document at `/api/openapi.json` and browses it at `/api/docs`.',
  '',
  'A permission is one row of `config/permissions.yaml`; `public` needs none. A **bold** header must be sent.',
  'A refusal is a problem document (RFC 9457): [Problem](#problem). Fields marked \\* are required.',
  'Where no reply stands, it is empty (204), a page, a file or rows.',
  '',
]
for (const [module, operations] of operationsByModule()) {
  out.push(`## ${module}`, '')
  out.push(table(['method', 'path', 'what', 'takes', 'permission', 'body', 'reply'], operations.map(({ path, verb, operation }) => [
    verb.toUpperCase(), `\`${path}\``, operation.summary, takes(operation), `\`${operation['x-permission'] ?? ''}\``, bodyOf(operation), replyOf(operation)])))
}
out.push('## Schemas', '')
for (const name of Object.keys(schemas).sort()) out.push(schemaSection(name, schemas[name]))
process.stdout.write(out.join('\n').replace(/\n{3,}/g, '\n\n').trimEnd() + '\n')
