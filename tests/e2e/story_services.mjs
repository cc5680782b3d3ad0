// Step 6: a citizen's case from prefill to decision, with one round of papers, a rating and the record of reads.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { registers } from '../../demo/registers.mjs'
import { api, press, reason, same, told as said } from './steps.mjs'

/** A small but real PNG. */
const picture = {
  name: '照片.png',
  mimeType: 'image/png',
  buffer: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
}

export function services(browser, told) {
  const step = (name, after, run) => ({ name, part: 'story', after, run })
  const register = '6 a citizen registers and is signed in'
  const apply = '6 the citizen consents to prefill, sees sources, objects to one, attaches and submits'
  const supplement = '6 the window asks once for papers, the citizen answers'
  const accept = '6 the window accepts; whoever took it in may not decide'
  const answer = '6 the provider answers the objection, the citizen reads what was mended'
  const decide = '6 a case officer of the owning department decides'
  const follow = '6 the citizen gets notice and decision, rates it, and sees who used the data'
  const citizen = { username: `e2e_${told.run}`, password: `${randomBytes(9).toString('base64url')}-Aa1` }
  const asCitizen = (path) => browser.open(path, { name: 'citizen' })

  async function fillField(page, field, person) {
    const input = page.locator(`#field-${field.name}`)
    if (field.type === 'radio') {
      await page.locator(`input[name="field-${field.name}"]`).first().check()
    } else if (field.type === 'checkbox' && field.options) {
      await page.locator(`fieldset[aria-describedby="field-${field.name}-note"] input`).first().check()
    } else if (field.type === 'checkbox') {
      await input.check()
    } else if (field.type === 'select') {
      await input.selectOption({ index: 1 })
    } else {
      const values = {
        id_number: person['公民身份号码'],
        mobile: '13800000000',
        date: '2026-11-01',
        number: '1',
      }
      await input.fill(values[field.type] ?? (field.pattern ? '6217000000000000004' : '示例'))
    }
  }

  return [
    step(register, [], async () => {
      const made = registers()
      const old = made.people.rows.slice(0, 100).filter((one) => one['出生日期'] < '1945-01-01')
      assert(old.length > 1, 'the register has old people')
      const page = await asCitizen('/register')
      await page.locator('[name=username]').fill(citizen.username)
      await page.locator('[name=phone]').fill('13800000000')
      await page.locator('[name=password]').fill(citizen.password)
      await page.locator('[name=again]').fill(citizen.password)
      // The demo's citizen and those of earlier runs hold the first ones: one number has one account.
      for (const person of old) {
        await page.locator('[name=display_name]').fill(person['姓名'])
        await page.locator('[name=id_number]').fill(person['公民身份号码'])
        const [reply] = await Promise.all([
          page.waitForResponse((one) => one.url().endsWith('/api/v1/accounts')),
          page.getByRole('button', { name: '注册' }).click(),
        ])
        if (reply.status() === 201) {
          told.person = person
          break
        }
        assert.equal(reply.status(), 409)
        await page.locator('[role=alert]').waitFor()
      }
      assert(told.person, 'every old person has an account already')
      await page.waitForURL(/\/my$/)
      await page.getByRole('heading', { name: new RegExp(told.person['姓名']) }).waitFor()
    }),
    step(apply, [register], async () => {
      const page = await asCitizen('/services?q=' + encodeURIComponent('高龄'))
      await page.getByRole('link', { name: /高龄/ }).first().click()
      await page.getByRole('link', { name: '在线申请' }).click()
      await page.getByLabel('我同意读取上述数据').waitFor()
      const code = decodeURIComponent(new URL(page.url()).pathname.split('/').at(-2))
      told.item = (await api(page, `/api/v1/services/items/${code}`)).json()
      await page.getByLabel('我同意读取上述数据').check()
      const [prefill] = await Promise.all([
        page.waitForResponse((one) => one.url().endsWith('/prefill')),
        page.getByRole('button', { name: '自动填写' }).click(),
      ])
      assert.equal(prefill.status(), 200)
      await page.getByRole('button', { name: '这条信息有误' }).last().waitFor()
      const shown = await page
        .locator('form .input')
        .evaluateAll((all) => all.map((one) => [one.id, one.value]))
      told.shown = new Map(shown)
      assert(
        [...told.shown.values()].includes(told.person['姓名']),
        'the name is filled in from the register',
      )

      await page.getByRole('button', { name: '这条信息有误' }).last().click()
      const objection = page.getByRole('group', { name: '提出异议' })
      await objection.getByLabel('正确的内容').fill('以户口簿为准')
      await objection.getByRole('button', { name: '提交异议' }).click()
      await page.getByText('已提出异议').waitFor()

      // What prefill left empty; the field objected to is open again, and gets its old value back.
      for (const field of told.item.form.fields) {
        const box = page.locator(`#field-${field.name}`)
        const picked = await page.locator(`input[name="field-${field.name}"]:checked`).count()
        const value =
          picked > 0 || ((await box.count()) && field.type !== 'checkbox' ? await box.inputValue() : '')
        if (value === '以户口簿为准') {
          await box.fill(told.shown.get(`field-${field.name}`))
        } else if (field.required && !value) {
          await fillField(page, field, told.person)
        }
      }
      const files = page.locator('input[type=file]')
      for (let left = await files.count(); left > 0; left -= 1) {
        await files.first().setInputFiles(picture)
        await page.waitForFunction(
          (count) => document.querySelectorAll('input[type=file]').length < count,
          left,
        )
      }
      await browser.shot(page, 'story-6-form')
      await page.getByRole('button', { name: '提交申请' }).click()
      await page.getByText('申请已提交').waitFor()
      told.case = (await page.locator('[role=status] code').innerText()).trim()
      assert.match(told.case, /^[0-9A-Z]{24}$/)
      await page.getByRole('link', { name: '收件凭证' }).click()
      await page.getByRole('heading', { name: '收件凭证' }).waitFor()
      await page.getByText(told.case).first().waitFor()
    }),
    step(answer, [apply], async () => {
      const page = await browser.staff('data_officer', '/', { organization: '021' })
      await browser.settled(page)
      await page.getByRole('link', { name: '人口基础信息：' }).first().click()
      const panel = page.getByRole('dialog', { name: '数据异议' })
      await panel.getByText('以户口簿为准').waitFor()
      await panel.getByText(told.person['姓名']).waitFor()
      assert(!(await panel.innerText()).includes(told.person['公民身份号码']), 'the ID number is shortened')
      await browser.shot(page, 'story-6-objection')
      await panel.getByRole('button', { name: '确有错误，已更正' }).click()
      const dialog = page.getByRole('dialog', { name: '确有错误，已更正' })
      await dialog.locator('textarea').fill(`已按户口簿更正${told.run}`)
      await dialog.getByRole('button', { name: '答复' }).click()
      await panel.getByText(`已按户口簿更正${told.run}`).waitFor()
      assert.equal(await panel.getByRole('button', { name: '核实无误' }).count(), 0, 'answered once')

      const mine = await asCitizen('/my')
      const own = mine.locator('section[aria-labelledby=my-objections]')
      await own.getByText(`已按户口簿更正${told.run}`).waitFor()
      await own.getByText('已更正', { exact: true }).waitFor()
      await mine.getByRole('link', { name: /数据异议已答复/ }).first().waitFor()
      await browser.shot(mine, 'story-6-my')
    }),
    step(supplement, [apply], async () => {
      const page = await browser.staff('window_staff', `/services/intake?case=${told.case}`)
      const panel = page.getByRole('dialog', { name: `办件 ${told.case}` })
      await panel.getByRole('button', { name: '告知补正' }).click()
      const wanted = told.item.materials.find((one) => one.required) ?? told.item.materials[0]
      await panel.locator(`#missing-${wanted.code}`).fill('照片不清晰，请重新拍摄')
      await browser.shot(page, 'story-6-supplement')
      await panel.getByRole('button', { name: '发出告知' }).click()
      await said(page, '已告知补正')
      await panel.getByText('待补正').first().waitFor()

      const mine = await asCitizen(`/my/cases/${told.case}`)
      await mine.getByText('照片不清晰').first().waitFor()
      await mine
        .locator('input[type=file]')
        .first()
        .setInputFiles({ ...picture, name: '重拍.png' })
      await mine.getByText('重拍.png').first().waitFor()
      await mine.getByRole('button', { name: '提交补正' }).click()
      await mine.getByText('已收件').first().waitFor()
    }),
    step(accept, [supplement], async () => {
      const page = await browser.staff('window_staff', `/services/intake?case=${told.case}`)
      const panel = page.getByRole('dialog', { name: `办件 ${told.case}` })
      await panel.getByText(/剩 \d+ 个工作日/).waitFor()
      await panel.getByRole('button', { name: '受理', exact: true }).click()
      await said(page, '已受理')
      await panel.getByRole('link', { name: '收件凭证' }).waitFor()
      assert.equal(
        await panel.getByRole('button', { name: '准予', exact: true }).count(),
        0,
        'the window does not decide',
      )
    }),
    step(decide, [accept], async () => {
      const page = await browser.staff('case_officer', '/services/decide', {
        organization: told.item.organization.code,
      })
      await browser.settled(page)
      await page.getByRole('link', { name: told.case }).click()
      const panel = page.getByRole('dialog', { name: `办件 ${told.case}` })
      await panel.getByRole('button', { name: '准予', exact: true }).waitFor()
      assert((await panel.locator('.tag.blue').count()) > 0, 'data from registers carry their source')
      await panel.getByRole('button', { name: '准予', exact: true }).click()
      await reason(page, '准予', '经核验符合条件')
      await panel.locator('.notice.good').getByText('准予').waitFor()
      await browser.shot(page, 'story-6-decided')
    }),
    step(follow, [decide], async () => {
      const page = await asCitizen(`/my/cases/${told.case}`)
      await page.getByText('经核验符合条件').first().waitFor()
      const steps = await page.locator('.timeline li b').allInnerTexts()
      same(steps, ['提交申请', '补正告知', '提交补正', '受理', '开始审查', '作出决定'], 'the progress')
      await page.getByRole('link', { name: '决定书' }).click()
      await page.getByRole('heading', { name: '准予决定书' }).waitFor()
      await page.goBack()
      await page.getByRole('radio', { name: '5 星' }).click()
      await page.getByLabel(/^说明/).fill('办得很快')
      await page.getByRole('button', { name: '提交评价' }).click()
      await page.getByText('您的评价').waitFor()
      await browser.shot(page, 'story-6-case')
      await page.goto('/my')
      await page.getByRole('heading', { name: '谁用了我的数据' }).waitFor()
      const reads = page.locator('section[aria-labelledby=my-data] tbody tr')
      const read = (await reads.allInnerTexts()).find((text) => text.includes('办件'))
      assert(read?.includes('徐州市民政局') && read.includes('人口基础信息'), 'who read what, for which case')
      const notices = await page.locator('section[aria-labelledby=my-notices] li').count()
      assert(notices >= 1, 'there is a notice')
      same((await api(page, '/api/v1/services/cases?box=decide')).status, 403, 'a citizen has no desk')
    }),
  ]
}
