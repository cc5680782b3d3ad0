// Steps 1 to 4: a file becomes an entry, rows, a quality report and an open data set.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { workbook } from './street_files.mjs'
import {
  api,
  choose,
  downloaded,
  fill,
  press,
  radio,
  reason,
  reviewRecord,
  row,
  same,
  sendFile,
  told as said,
} from './steps.mjs'

const officer = ['data_officer', { organization: '040' }]

export function catalogue(browser, told) {
  const as = (role, path, options = {}) => browser.staff(role, path, options)
  const asOfficer = (path) => as(officer[0], path, officer[1])
  const step = (name, after, run) => ({ name, part: 'story', after, run })

  const excel = '1 a workbook of Excel is read as a CSV is'
  const draft = '1 an officer uploads a GB18030 file, completes the entry and leaves a draft'
  const submit = '1 the officer finds the draft again and submits it; what is missing is said at its field'
  const review = '1 a reviewer returns it with reasons, the officer mends it, the reviewer publishes it'
  const search = '1 a Chinese search finds it by one character, part of a word, other order'
  const early = '4 without rows the release check fails and says why; the bureau cannot sign and returns it'
  const personal = '4 the release check refuses personal data without a mask'
  const load = '2 rows are loaded with live progress, bad rows go to quarantine'
  const mend = '2 the rejected rows come as the original file with reasons, are mended and sent again'
  const month = "2 next month's file is loaded by key after a preview of its changes"
  const replaced = '2 the month after replaces all, and the preview says what goes'
  const quality = '3 a quality run gives a score, a chart and exactly the failing rows'
  const open = '4 the officer proposes to open it, the check passes, the bureau signs off'
  const portal = '4 the portal shows it with preview, downloads and an API example that works'

  /** How many rows the entry holds, as its own department reads them. */
  const stored = async (page) => {
    const reply = await api(page, `/api/v1/data/${told.ref}?limit=1`, { headers: { Prefer: 'count=exact' } })
    return Number(reply.headers['content-range'].split('/')[1])
  }
  const batchDone = (page) => page.getByRole('link', { name: '查看本批次和问题行' })
  const preview = async (page) => {
    await press(page, '预览变化')
    const counts = page.locator('dl.counts')
    await counts.waitFor()
    return (await counts.innerText()).replaceAll(/\s+/g, ' ')
  }

  return [
    step(excel, [], async () => {
      const page = await asOfficer('/catalogue/new')
      await sendFile(page, workbook)
      const names = page.locator('table.items input[aria-label$="名称"]')
      await names.first().waitFor()
      assert((await names.count()) > 1, 'items are inferred')
      await page.getByText(/^XLSX/).waitFor()
    }),
    step(draft, [], async () => {
      const page = await asOfficer('/catalogue/new')
      await sendFile(page, told.files.clean())
      await page.getByText('GB18030').first().waitFor()
      const names = page.locator('table.items input[aria-label$="名称"]')
      await names.first().waitFor()
      same(await names.evaluateAll((all) => all.map((one) => one.value)), told.files.header, 'inferred items')
      await page.getByLabel('1 主键').check()
      await fill(page, '资源名称', told.name)
      await fill(page, '资源摘要', '徐州市街道、镇的代码和名称，按行政区划排列')
      await browser.shot(page, 'story-1-editor')
      await press(page, '保存草稿')
      await said(page, '草稿已保存')
      const list = await asOfficer('/catalogue?mine=true&state=draft')
      await browser.settled(list)
      const link = list.getByRole('link', { name: told.name })
      told.ref = (await link.getAttribute('href')).split('/').at(-1)
      assert.match(told.ref, /^[a-z0-9-]+$/)
    }),
    step(submit, [draft], async () => {
      // Left yesterday, found today on the first page.
      const page = await asOfficer('/')
      const drafts = page.locator('section', { has: page.getByRole('heading', { name: '目录草稿' }) })
      await drafts.getByRole('link', { name: told.name }).click()
      await page.getByRole('link', { name: '编辑' }).click()
      await page.waitForURL(/\/edit$/)
      await browser.settled(page)
      const names = page.locator('table.items input[aria-label$="名称"]')
      same(await names.evaluateAll((all) => all.map((one) => one.value)), told.files.header, 'nothing is lost')
      await press(page, '提交审核')
      await page.locator('[data-pointer="/domain"] .el-form-item__error').waitFor()
      await page.locator('.editor-errors').getByText('保密审查').first().waitFor()
      await choose(page, '数据领域', '地理空间')
      await choose(page, '更新周期', '每月')
      await radio(page.locator('[data-pointer="/share_type"]'), '有条件共享')
      await fill(page, '共享条件', '用于行政区划核对，限市级部门使用')
      await page.locator('[data-pointer="/open_flag"] .el-switch').click()
      await reviewRecord(page, 'secrecy_review', '保密办', '不涉密')
      await reviewRecord(page, 'head_consent', '分管负责人', '同意')
      await press(page, '提交审核')
      await said(page, '已提交审核')
      await page.waitForURL(new RegExp(`/catalogue/${told.ref}$`))
      await browser.settled(page)
      await page.locator('h1').getByText('待审核').waitFor()
    }),
    step(review, [submit], async () => {
      const bureau = await as('reviewer', '/review')
      await bureau.getByRole('link', { name: told.name }).click()
      await browser.settled(bureau)
      await press(bureau, '退回')
      await reason(bureau, '退回修改', '请在摘要中写明数据截止时间')
      await bureau.locator('h1').getByText('已退回').waitFor()

      const mine = await asOfficer('/')
      await browser.settled(mine)
      await mine.getByText('请在摘要中写明数据截止时间').first().waitFor()
      await mine.goto(`/console/catalogue/${told.ref}/edit`)
      await browser.settled(mine)
      await fill(mine, '资源摘要', '徐州市街道、镇的代码和名称，按行政区划排列，数据截至2023年')
      await press(mine, '提交审核')
      await said(mine, '已提交审核')

      // The reviewer's open page is a version behind since the officer submitted again: refused, and nothing moves.
      const stale = await bureau.evaluate(async (ref) => {
        const { csrf_token } = await (await fetch('/api/v1/session')).json()
        const headers = { 'If-Match': '"1"', 'X-CSRF-Token': csrf_token }
        return (await fetch(`/api/v1/catalogue/resources/${ref}/approve`, { method: 'POST', headers })).status
      }, told.ref)
      assert.equal(stale, 412)
      assert.equal((await api(bureau, `/api/v1/catalogue/resources/${told.ref}`)).json().state, 'submitted')

      await bureau.goto(`/console/catalogue/${told.ref}/review`)
      await browser.settled(bureau)
      await press(bureau, '审核通过')
      await said(bureau, '已通过')
      await bureau.getByRole('button', { name: '发布', exact: true }).click()
      await said(bureau, '已发布')
      await bureau.locator('h1').getByText('已发布').waitFor()
      await browser.shot(bureau, 'story-1-published')

      const officerSteps = await api(mine, `/api/v1/catalogue/resources/${told.ref}/history`)
      assert.equal(officerSteps.status, 200)
      const refused = await bureau.request.post(`/api/v1/catalogue/resources/${told.ref}/retire`, {
        data: { reason: '无' },
      })
      assert.equal(refused.status(), 403, 'a cookie without its CSRF token changes nothing')
    }),
    step(search, [review], async () => {
      const page = await as('data_officer', '/exchange/find', { organization: '022' })
      await browser.settled(page)
      const box = page.getByRole('searchbox', { name: '检索' })
      /** What the page lists for these words, in its order. */
      const asked = async (q) => {
        const answered = page.waitForResponse((one) => new URL(one.url()).searchParams.get('q') === q)
        await box.fill(q)
        await box.press('Enter')
        await answered
        await browser.settled(page)
        return page.locator('table tbody tr td:first-child a').allInnerTexts()
      }
      for (const q of ['街', '道名', `录${told.run}`, `${told.run} 街道 徐州`, `名录${told.run} 徐州街道`]) {
        assert((await asked(q)).includes(told.name), `not found by ${q}`)
      }
      const found = await asked('行政区划')
      const inTitle = found.map((name) => name.includes('行政区划'))
      assert(found.includes(told.name), 'found by a word of its abstract')
      assert(inTitle[0] && inTitle.lastIndexOf(true) < inTitle.indexOf(false), `titles first: ${found}`)
      same((await api(page, `/api/v1/data/${told.ref}`)).status, 403, 'rows are not seen')
      await asked(told.name)
      await page.getByRole('link', { name: told.name }).click()
      await page.getByRole('link', { name: '申请使用' }).waitFor()
      assert.equal(await page.getByRole('link', { name: '数据', exact: true }).count(), 0, 'no door to the rows')
    }),
    step(early, [review], async () => {
      const page = await asOfficer(`/catalogue/${told.ref}`)
      await page.getByRole('link', { name: '申请开放' }).click()
      await fill(page, '网址名', told.slug)
      await press(page, '保存并检查')
      await page.waitForURL(/\/opening\/(?!new)/)
      await page.getByText('未全部通过').waitFor()
      told.proposal = page.url().split('/').at(-1)
      const failing = (title) => page.locator('.checks li', { hasText: title }).filter({ hasText: '✗' })
      await failing('目录已发布并已挂接数据').waitFor()
      await failing('质量得分不低于 60').getByText('还没有完成的质量检查').waitFor()
      await page.locator('.checks li', { hasText: '另一账号签发' }).getByText('等待签发').waitFor()
      await browser.shot(page, 'story-4-refused')
      await press(page, '提交签发')
      await said(page, '已提交数据局签发')

      const bureau = await as('reviewer', `/opening/${told.proposal}`)
      await browser.settled(bureau)
      await press(bureau, '签发并发布')
      const alert = bureau.getByRole('alert').filter({ hasText: '质量得分不低于 60' })
      await alert.waitFor()
      assert(!(await alert.innerText()).includes('checks'), 'in words')
      const kept = (await api(bureau, `/api/v1/open/proposals/${told.proposal}`)).json()
      assert.equal(kept.state, 'submitted', 'nothing moved')
      assert.equal((await bureau.request.get(`/datasets/${told.slug}`)).status(), 404, 'nothing is published')
      await press(bureau, '退回')
      await reason(bureau, '退回开放申请', '请先入库并做质量检查')
      await bureau.locator('h1').getByText('已退回').waitFor()
    }),
    step(load, [review], async () => {
      const page = await asOfficer(`/ingest/${told.ref}`)
      await browser.settled(page)
      await sendFile(page, told.files.broken())
      await page.getByText('GB18030').first().waitFor()
      await radio(page, '全量替换')
      await press(page, '入库')
      await page.getByRole('link', { name: '查看本批次和问题行' }).click()
      await browser.settled(page)
      await page.getByText('问题行').first().waitFor()
      await browser.shot(page, 'story-2-batch')
      const total = told.files.rows.length
      const facts = (await page.locator('dl.facts').innerText()).replaceAll(/\s+/g, ' ')
      assert(facts.includes(`读取 ${total}`), facts)
      assert(facts.includes(`入库 ${total - 3}`), facts)
      assert(facts.includes('问题行 3'), facts)
      // Line 6 is the fifth row: line 1 is the header.
      same((await row(page, '街道代码')).slice(0, 2), ['16', '街道代码'])
      const missing = page.locator('table tbody tr', { hasText: '街道名称' })
      same(await missing.locator('td:first-child').allInnerTexts(), ['6', '11'])
      told.batch = page.url()
    }),
    step(mend, [load], async () => {
      const page = await browser.open(told.batch.replace(browser.baseUrl, ''), {
        name: browser.account(...flat()).username,
      })
      await browser.settled(page)
      const link = page.getByRole('link', { name: /下载问题行/ })
      const path = await downloaded(page, link, join(told.files.folder, 'rejects.csv'))
      const mended = told.files.mended(path)
      same(mended.header, [...told.files.header, '问题原因'], 'original columns and the reason')
      assert.equal(mended.lines.length, 3)
      await press(page, '改好后再次导入')
      await sendFile(page, mended.path)
      await radio(page, '按主键更新')
      await press(page, '入库')
      await batchDone(page).waitFor()
      assert.equal(await stored(page), told.files.rows.length)
    }),
    step(month, [mend], async () => {
      const page = await asOfficer(`/ingest/${told.ref}`)
      await browser.settled(page)
      await sendFile(page, told.files.nextMonth())
      await radio(page, '按主键更新')
      const seen = await preview(page)
      assert(seen.includes('新增 1') && seen.includes('更改 1') && seen.includes('删除 0'), seen)
      await page.getByRole('tab', { name: '更改样例' }).click()
      await page.locator('ins', { hasText: '（更名）' }).waitFor()
      await browser.shot(page, 'story-2-preview')
      assert.equal(await stored(page), told.files.rows.length, 'a preview changes nothing')
      await press(page, '入库')
      await batchDone(page).waitFor()
      assert.equal(await stored(page), told.files.rows.length + 1)
    }),
    step(replaced, [month], async () => {
      const page = await asOfficer(`/ingest/${told.ref}`)
      await browser.settled(page)
      await sendFile(page, told.files.monthAfter())
      await radio(page, '全量替换')
      const seen = await preview(page)
      assert(seen.includes('新增 0') && seen.includes('更改 0') && seen.includes('删除 1'), seen)
      await page.getByRole('tab', { name: '删除样例' }).click()
      await page.getByRole('cell', { name: told.files.rows[5][1], exact: true }).waitFor()
      await press(page, '入库')
      await batchDone(page).waitFor()
      told.count = told.files.rows.length
      assert.equal(await stored(page), told.count)
    }),
    step(quality, [replaced], async () => {
      const page = await asOfficer(`/quality/${told.ref}/rules`)
      await browser.settled(page)
      await press(page, '添加规则')
      const drawer = page.getByRole('dialog', { name: '添加规则' })
      await fill(drawer, '正则表达式', '^3203[0-9]{5}$')
      await fill(drawer, '名称', '代码属于徐州')
      await drawer.getByRole('button', { name: '保存规则' }).click()
      await said(page, '规则已保存')
      await page.getByText('代码属于徐州').waitFor()
      await page.goto(`/console/quality/${told.ref}`)
      await browser.settled(page)
      await press(page, '开始检查')
      await page.waitForURL(/\/runs\//)
      await browser.settled(page)
      const rule = await row(page, '代码属于徐州')
      same([rule[4], rule[5]], [String(told.count), '1'], 'judged and failed')
      assert.equal(await page.locator('[role=img] svg').count(), 2, 'gauge and chart are drawn')
      await page.getByRole('button', { name: '1', exact: true }).click()
      const failing = page.locator('#failures table tbody tr')
      await failing.first().waitFor()
      assert.equal(await failing.count(), 1)
      assert((await failing.first().innerText()).includes('110101001'))
      await browser.shot(page, 'story-3-report')
      const link = page.locator('#failures').getByRole('link', { name: '下载全部' })
      const file = await downloaded(page, link, join(told.files.folder, 'failures.csv'))
      assert.equal(readFileSync(file, 'utf8').trim().split(/\r?\n/).length, 2, 'header and one failing row')
    }),
    step(personal, [], async () => {
      const page = await asOfficer(`/opening/new?resource=${browser.demo.resources.at(-2)}`)
      await browser.settled(page)
      await fill(page, '网址名', `firms-${told.run}`)
      await page.getByRole('checkbox', { name: '法定代表人证件号', exact: true }).check()
      await page.getByLabel('法定代表人证件号 脱敏').selectOption({ label: '不脱敏' })
      await press(page, '保存并检查')
      await page.waitForURL(/\/opening\/(?!new)/)
      const check = page.locator('.checks li', { hasText: '个人信息已脱敏' })
      await check.getByText(/法定代表人证件号.*须用隐去个人的脱敏方式/).waitFor()
      await page.getByText('未全部通过').waitFor()
    }),
    step(open, [quality, early], async () => {
      // The proposal that came back: rows and a score have come since.
      const page = await asOfficer('/')
      const returned = page.locator('section', { has: page.getByRole('heading', { name: '退回的开放申请' }) })
      await returned.getByRole('link', { name: told.name }).click()
      await page.getByText('请先入库并做质量检查').waitFor()
      await page.getByText('可以提交签发').waitFor()
      assert.equal(await page.locator('.checks').getByText('✗').count(), 0)
      await browser.shot(page, 'story-4-check')
      await press(page, '提交签发')
      await said(page, '已提交数据局签发')
      const bureau = await as('reviewer', `/opening/${told.proposal}`)
      await browser.settled(bureau)
      await press(bureau, '签发并发布')
      await said(bureau, '已签发并发布')
      await bureau.locator('h1').getByText('已发布').waitFor()
    }),
    step(portal, [open], async () => {
      const page = await browser.open(`/datasets?q=${encodeURIComponent('街道 ' + told.run)}`)
      await page.getByRole('link', { name: told.name }).first().click()
      await page.getByRole('heading', { level: 1, name: told.name }).waitFor()
      await page.getByText(told.files.rows[1][1]).first().waitFor()
      await browser.shot(page, 'story-4-dataset')
      const take = (name) => {
        const link = page.locator('.downloads').getByRole('link', { name })
        return downloaded(page, link, join(told.files.folder, `open-${name}`))
      }
      const csv = readFileSync(await take('CSV'), 'utf8')
      assert.equal(csv.trim().split(/\r?\n/).length, told.count + 1)
      assert.equal(JSON.parse(readFileSync(await take('JSON'), 'utf8')).length, told.count)
      same(readFileSync(await take('Excel (XLSX)')).subarray(0, 2).toString(), 'PK', 'a workbook')
      const example = (await page.locator('pre code').first().innerText()).split('\n')[0]
      const answer = JSON.parse(
        execFileSync('bash', ['-c', `${example.replace('curl ', 'curl -sf ')}`]).toString(),
      )
      assert.equal(answer.length, 5, 'the example, pasted into a shell')
      // Streets by district, the districts by their names; street codes make no chart.
      await page.locator('[data-island=chart] canvas').waitFor()
      await page.getByText('以表格查看').click()
      const drawn = await page.locator('.chart-table tbody th').allInnerTexts()
      assert(drawn.includes('鼓楼区') && !drawn.some((name) => /^3203/.test(name)), `charted: ${drawn}`)
    }),
  ]
}

function flat() {
  return [officer[0], officer[1].organization]
}
