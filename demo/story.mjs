// The parts of the demo in which departments and a citizen act: a grant that is used, and cases on every desk.
import { randomBytes } from 'node:crypto'

import { Client } from './client.mjs'

const purpose = {
  basis: '中华人民共和国老年人权益保障法第三十三条', scene: '高龄津贴与老年优待资格审查', scope: '仅限徐州市民政局承办人员，按单笔办件查询',
  purpose: '1', mode: 'api', months: 12,
}

/** Civil affairs asks public security for people's data and enterprises' data of market supervision; its system reads some. */
export async function tellExchange({ baseUrl, team, refs, say }) {
  const asker = await team.as('data_officer', '022')
  const held = await asker.get('/api/v1/exchange/grants?box=held')
  const askFor = async (register, provider, items) => {
    if (held.items.some((grant) => grant.resource.ref === refs[register] && grant.state === 'active')) return
    const request = await asker.post('/api/v1/exchange/requests', { resource: refs[register], items, ...purpose })
    const officer = await team.as('provider_officer', provider)
    await officer.post(`/api/v1/exchange/requests/${request.id}/approve`, { note: '符合共享条件' })
  }
  await askFor('people', '021', [{ column: 'id_number', mask: 'plain', reason: '按证件号码核验申请人身份' }, { column: 'name', mask: 'plain', reason: '核对姓名' },
    { column: 'sex' }, { column: 'birth_date' }, { column: 'region' }, { column: 'address', mask: 'plain', reason: '确定户籍街道' }])
  await askFor('enterprises', '040', [{ column: 'credit_code' }, { column: 'name' }, { column: 'region' }, { column: 'legal_representative', mask: 'name' }])
  say('民政局取得人口、企业数据授权 / two grants')

  const waiting = await team.as('data_officer', '040')
  const open = await waiting.get('/api/v1/exchange/requests?box=sent')
  if (!open.items.length) {
    await waiting.post('/api/v1/exchange/requests', { resource: refs.licences, items: [{ column: 'licence_no' }, { column: 'type' }, { column: 'state' }],
      ...purpose, scene: '食品经营许可办理时核验证照', basis: '中华人民共和国行政许可法' })
  }

  const secret = await asker.post('/api/v1/clients', { name: '民政一体化平台' })
  const system = new Client(baseUrl)
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: secret.client_id, client_secret: secret.client_secret })
  const token = await system.post('/oauth/token', form)
  system.token = token.access_token
  for (const query of ['select=credit_code,name,region,legal_representative&region=eq.320302&limit=20', 'select=name&order=name.asc&limit=5']) {
    await system.get(`/api/v1/data/${refs.enterprises}?${query}`)
  }
  say('民政一体化平台凭授权读取数据 / a system reads within its grant')
  return { client_id: secret.client_id, client_secret: secret.client_secret, resources: [refs.enterprises, refs.people] }
}

/** A synthetic person becomes a citizen with one finished case and one in each queue. */
export async function tellServices({ baseUrl, team, made, say }) {
  const items = (await new Client(baseUrl).get('/api/v1/services/items?limit=100')).items
  const item = items.find((one) => one.name.includes('高龄')) ?? items[0]
  const detail = await new Client(baseUrl).get(`/api/v1/services/items/${item.code}`)
  // People 0 to 99 of the register are without sown faults; an old one may claim the allowance.
  const person = made.people.rows.slice(0, 100).find((row) => row['出生日期'] < '1945-01-01')
  const password = randomBytes(12).toString('base64url') + '-Aa1'
  const citizen = { role: 'citizen', organization: '', username: `citizen_${randomBytes(3).toString('hex')}`, password }
  try {
    await new Client(baseUrl).post('/api/v1/accounts', { username: citizen.username, password, display_name: person['姓名'],
      id_number: person['公民身份号码'], phone: '13800000000' })
  } catch (error) {
    throw new Error(`the demo's citizen cannot register: ${error.message}`)
  }
  const applicant = await Client.signIn(baseUrl, citizen)
  await finishedCase({ team, applicant, detail, person })
  await objections({ team, applicant, detail })
  await openCase({ applicant, detail, person })
  say(`${detail.name}：一件已办结，一件在窗口 / one case closed, one at the window`)
  return { citizen, items: items.map((one) => one.code) }
}

/** A small but real PNG: a dot of one pixel. */
const picture = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

/** Values for every field: what prefill gives, then something that fits the field's type. */
async function fillForm(applicant, detail, person) {
  const prefilled = await applicant.post(`/api/v1/services/items/${detail.code}/prefill`, { consent: true })
  const form = {}
  for (const field of detail.form.fields) {
    const given = prefilled.fields[field.name]?.value
    if (given) form[field.name] = given
    else if (!field.required) continue
    else if (field.type === 'id_number') form[field.name] = person['公民身份号码']
    else if (field.type === 'mobile') form[field.name] = '13800000000'
    else if (field.type === 'date') form[field.name] = '2026-11-01'
    else if (field.type === 'number') form[field.name] = 1
    else if (field.options) form[field.name] = field.type === 'checkbox' ? [field.options[0].value ?? field.options[0]] : (field.options[0].value ?? field.options[0])
    else form[field.name] = field.pattern ? '6217000000000000004' : '示例'
  }
  return form
}

async function submit({ applicant, detail, person }) {
  const materials = []
  for (const material of detail.materials.filter((one) => one.required)) {
    const attachment = await applicant.upload(`${material.name}.png`, picture, '/api/v1/services/attachments')
    materials.push({ code: material.code, attachment_id: attachment.id })
  }
  const form = await fillForm(applicant, detail, person)
  const made = await applicant.post('/api/v1/services/cases', { item: detail.code, form, materials, consent: true },
    { headers: { 'Idempotency-Key': randomBytes(16).toString('hex') } })
  return { made, materials }
}

const openCase = (told) => submit(told)

/** Two values of the register are said to be wrong: the provider has answered one, the other waits. */
async function objections({ team, applicant, detail }) {
  const prefilled = (await applicant.post(`/api/v1/services/items/${detail.code}/prefill`, { consent: true })).fields
  const fields = detail.form.fields.filter((field) => prefilled[field.name])
  const raise = (field, right, note) => applicant.post(`/api/v1/services/items/${detail.code}/objections`,
    { field: field.name, shown: String(prefilled[field.name].value), right, note })
  const first = await raise(fields.at(-1), '以户口簿为准', '去年迁过户口')
  await raise(fields[0], '以身份证为准', '')
  const provider = await team.as('data_officer', first.provider.code)
  await provider.post(`/api/v1/services/objections/${first.id}/accept`, { mended: '已按户口簿更正' }, { version: first.version })
}

async function finishedCase({ team, applicant, detail, person }) {
  const { made, materials } = await submit({ applicant, detail, person })
  const url = `/api/v1/services/cases/${made.case_no}`
  const window = await team.as('window_staff')
  const decider = await team.as('case_officer', detail.organization?.code ?? '022')
  const act = async (client, action, body) => {
    const now = await client.get(url)
    return client.post(`${url}/${action}`, body, { version: now.version })
  }
  const wanted = detail.materials.find((one) => one.required) ?? detail.materials[0]
  await act(window, 'supplement', { missing: [{ code: wanted.code, reason: '照片不清晰，请重新拍摄' }], note: '请在期限内补齐' })
  const again = await applicant.upload(`${wanted.name}-重拍.png`, picture, '/api/v1/services/attachments')
  await act(applicant, 'answer', { materials: [{ code: wanted.code, attachment_id: again.id }] })
  await act(window, 'accept', {})
  await act(decider, 'start-review', {})
  await act(decider, 'decide', { result: 'grant', reason: '经核验符合条件' })
  await act(applicant, 'review', { stars: 5, comment: '一次补正就办好了' })
  return materials
}
