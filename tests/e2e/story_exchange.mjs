// Step 5: another department asks, the provider grants, a system reads exactly that, and no more after revocation.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { api, choose, fill, press, reason, same, told as said } from './steps.mjs'

export function exchange(browser, told) {
  const step = (name, after, run) => ({ name, part: 'story', after, run })
  const ask = '5 another department asks for fields, one masked, and sees the days left'
  const approve = '5 the provider approves'
  const read = '5 its system reads exactly those fields with a token'
  const revoke = '5 the provider sees who read what, and revokes'
  const evidence = '5 the chain of evidence verifies, and the auditor sees that it does'
  // An enterprise register has what masks are for; its demo grant is of another department.
  const register = browser.demo.resources.at(-2)
  const fields = { credit_code: '', name: '', region: '', legal_representative: '姓名：留首尾' }

  async function bearer(page) {
    const basic = Buffer.from(`${told.client.id}:${told.client.secret}`).toString('base64')
    const reply = await page.request.post('/oauth/token', {
      headers: { Authorization: `Basic ${basic}` },
      form: { grant_type: 'client_credentials' },
    })
    assert.equal(reply.status(), 200, await reply.text())
    return { Authorization: `Bearer ${(await reply.json()).access_token}` }
  }
  const data = (page, query, headers) => api(page, `/api/v1/data/${register}?${query}`, { headers })

  return [
    step(ask, [], async () => {
      const page = await browser.staff('data_officer', `/exchange/ask/${register}`, { organization: '021' })
      await browser.settled(page)
      same((await api(page, `/api/v1/data/${register}?limit=1`)).status, 403, 'no rows without a grant')
      const entry = (await api(page, `/api/v1/catalogue/resources/${register}`)).json()
      for (const [column, mask] of Object.entries(fields)) {
        const item = entry.items.find((one) => one.column === column)
        await page.getByRole('checkbox', { name: item.name, exact: true }).check()
        if (mask) {
          await page.getByLabel(`${item.name} 脱敏`).selectOption({ label: mask })
        }
      }
      await press(page, '下一步')
      await fill(page, '使用依据', '中华人民共和国治安管理处罚法')
      await fill(page, '使用场景', '特种行业许可核验')
      await fill(page, '使用范围', '治安支队承办民警')
      await choose(page, '用途', '监管执法')
      await press(page, '下一步')
      await browser.shot(page, 'story-5-ask')
      await press(page, '提交申请')
      await said(page, '申请已提交')
      const panel = page.getByRole('dialog', { name: '共享申请' })
      await panel.getByText(/剩 \d+ 个工作日/).waitFor()
      told.request = new URL(page.url()).searchParams.get('id')
      const light = (await api(page, `/api/v1/exchange/requests/${told.request}`)).json()
      assert.equal(light.days_left, 10, 'ten working days by the regulation')
    }),
    step(approve, [ask], async () => {
      const page = await browser.staff('provider_officer', '/', { organization: '040' })
      await browser.settled(page)
      await page
        .getByRole('link', { name: /徐州市公安局/ })
        .first()
        .click()
      const panel = page.getByRole('dialog', { name: '共享申请' })
      await panel.getByText('特种行业许可核验').waitFor()
      await browser.shot(page, 'story-5-answer')
      await panel.getByRole('button', { name: '同意并授权' }).click()
      await said(page, '已同意并授权')
      await panel.getByRole('link', { name: '查看授权' }).waitFor()
    }),
    step(read, [approve], async () => {
      const page = await browser.staff('data_officer', '/exchange/clients', { organization: '021' })
      await browser.settled(page)
      await press(page, '登记系统')
      const dialog = page.getByRole('dialog', { name: '登记系统' })
      await dialog.getByLabel('系统名称').fill(`治安管理系统${told.run}`)
      await dialog.getByRole('button', { name: '登记', exact: true }).click()
      await dialog.getByText('密钥只显示这一次').waitFor()
      const [id, secret, example] = await dialog.locator('pre').allInnerTexts()
      told.client = { id, secret }
      const pasted = execFileSync('bash', ['-c', example.replace('资源标识', register)]).toString()
      assert.equal(JSON.parse(pasted).length, 10, 'the example, pasted into a shell')

      const token = await bearer(page)
      const columns = Object.keys(fields)
      const all = await data(page, 'limit=3', token)
      same(Object.keys(all.json()[0]).sort(), [...columns].sort(), 'exactly the granted fields')
      const some = (
        await data(page, 'select=name,region&region=eq.320302&order=name.asc&limit=5&offset=5', token)
      ).json()
      assert(some.length === 5 && some.every((one) => one.region === '320302'), 'filter and page')
      const masked = all.json()[0].legal_representative
      assert(masked.includes('*'), masked)
      const outside = await data(page, 'select=capital&limit=1', token)
      const unknown = await data(page, 'select=no_such_field_x&limit=1', token)
      same(outside.status, unknown.status, 'a field outside the grant answers like one that does not exist')
      for (const query of ['capital=gt.1', 'order=capital.asc']) {
        const refused = await data(page, query, token)
        const nothing = await data(page, query.replace('capital', 'no_such_field_x'), token)
        same(refused.status, nothing.status, query)
        assert(refused.status >= 400, query)
      }
      const byMask = (
        await data(page, `legal_representative=eq.${encodeURIComponent(masked)}&limit=50`, token)
      ).json()
      assert(
        byMask.length >= 1 && byMask.every((one) => one.legal_representative === masked),
        'filtered by the masked value',
      )
      // Equal masks stand together: by the hidden values they would be torn apart.
      const ordered = (await data(page, 'select=legal_representative&order=legal_representative.asc&limit=300', token))
        .json()
        .map((one) => one.legal_representative)
      const runs = ordered.filter((one, at) => one !== ordered[at - 1])
      assert.equal(runs.length, new Set(ordered).size, 'ordered by the masked value')
    }),
    step(revoke, [read], async () => {
      const page = await browser.staff('provider_officer', '/exchange/grants?box=given', {
        organization: '040',
      })
      await browser.settled(page)
      await page
        .locator('tr', { hasText: '徐州市公安局' })
        .filter({ hasText: '有效' })
        .getByRole('link')
        .first()
        .click()
      const panel = page.getByRole('dialog', { name: '共享授权' })
      const reads = panel.locator('tbody tr', { hasText: `治安管理系统${told.run}` })
      await reads.first().waitFor()
      const read = (await reads.allInnerTexts()).filter(
        (text) => text.includes('读完') && text.includes('企业名称'),
      )
      assert(read.length >= 3, 'every read is on record, with its fields')
      assert(read[0].includes('徐州市公安局'), 'the department by its name')
      assert(!(await panel.innerText()).includes(told.client.id), 'a system is read by its name, not its id')
      await browser.shot(page, 'story-5-accesses')
      await panel.getByRole('button', { name: '收回授权' }).click()
      await reason(page, '收回授权', '使用目的已经完成')
      await panel.getByText('已收回').waitFor()
      const token = await bearer(page)
      const after = await data(page, 'limit=1', token)
      assert.equal(after.status, 403)
      assert.match(after.json().type, /exchange\.no-grant$/)
    }),
    step(evidence, [revoke], async () => {
      const program = fileURLToPath(new URL('../../build/release/pengcheng', import.meta.url))
      const said = JSON.parse(execFileSync(program, ['--json', 'audit', 'verify']).toString())
      assert.equal(said.ok, true, JSON.stringify(said))
      const page = await browser.staff('audit_admin', '/admin/audit')
      await browser.settled(page)
      await page.locator('.chain').getByText('核验通过').waitFor()
      await page.getByRole('cell', { name: '收回共享授权' }).first().waitFor()
    }),
  ]
}
