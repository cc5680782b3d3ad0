// Every console page, for a role that may open it, at two widths: it loads, fits, raises no error and passes axe.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { fill, press } from './steps.mjs'

export function pages(browser) {
  const [plain] = browser.demo.resources.slice(0, 1)
  const people = browser.demo.resources.at(-3)
  const firms = browser.demo.resources.at(-2)
  const list = [
    ['data_officer', '040', 'home', '/'],
    ['data_officer', '040', 'catalogue', '/catalogue'],
    ['data_officer', '040', 'editor', '/catalogue/new'],
    ['data_officer', '040', 'entry', `/catalogue/${firms}`],
    ['data_officer', '040', 'ingest', '/ingest'],
    ['data_officer', '040', 'batches', `/ingest/${firms}`],
    ['data_officer', '040', 'quality', '/quality'],
    ['data_officer', '040', 'runs', `/quality/${firms}`],
    ['data_officer', '040', 'rules', `/quality/${firms}/rules`],
    ['data_officer', '021', 'objections', '/objections'],
    ['data_officer', '040', 'accesses', `/exchange/accesses/${firms}`],
    ['data_officer', '022', 'find', '/exchange/find'],
    ['data_officer', '022', 'ask', `/exchange/ask/${people}`],
    ['data_officer', '022', 'requests', '/exchange/requests?box=sent'],
    ['data_officer', '022', 'grants', '/exchange/grants?box=held'],
    ['data_officer', '022', 'clients', '/exchange/clients'],
    ['provider_officer', '021', 'received', '/exchange/requests?box=received'],
    ['data_officer', '044', 'opening', '/opening'],
    ['data_officer', '044', 'propose', `/opening/new?resource=${plain}`],
    ['reviewer', '044', 'home-reviewer', '/'],
    ['reviewer', '044', 'review', '/review'],
    ['reviewer', '044', 'review-entry', `/catalogue/${plain}/review`],
    ['window_staff', '044', 'intake', '/services/intake'],
    ['case_officer', '022', 'decide', '/services/decide?'],
    ['system_admin', '', 'users', '/admin/users'],
    ['system_admin', '', 'jobs', '/admin/jobs'],
    ['system_admin', '', 'schedules', '/admin/schedules'],
    ['system_admin', '', 'organizations', '/admin/organizations'],
    ['security_admin', '', 'roles', '/admin/roles'],
    ['audit_admin', '', 'audit', '/admin/audit'],
  ]
  const tests = list.map(([role, organization, name, path]) => ({
    name: `console page ${name} at 1440 and 375`,
    part: 'pages',
    run: async () => {
      browser.takeFaults()
      for (const width of [1440, 375]) {
        const page = await browser.staff(role, path, { organization, width })
        await browser.settled(page)
        assert.equal(await page.locator('.notice.warn[role=alert]').count(), 0, 'the page shows an error')
        await browser.shot(page, `console-${name}-${width}`)
        await browser.fits(page)
        await browser.accessible(page)
        await page.close()
      }
      assert.deepEqual(browser.takeFaults(), [], 'errors in the page')
    },
  }))
  return [
    ...tests,
    {
      name: 'a role sees only what it may do',
      part: 'pages',
      run: async () => {
        const page = await browser.staff('window_staff', '/catalogue')
        await page.getByText('您的角色不能打开').waitFor()
        const menu = await page.locator('nav#menu a').allTextContents()
        assert.deepEqual(menu, ['我的工作', '窗口收件'])
      },
    },
    {
      name: 'a session that ended leads to the sign-in page and back',
      part: 'pages',
      run: async () => {
        const page = await browser.staff('data_officer', '/quality', { organization: '009' })
        await page.context().clearCookies()
        await page.locator('nav#menu').getByRole('link', { name: '数据归集' }).click()
        await page.waitForURL(/sign-in\?return=/)
        const account = browser.account('data_officer', '009')
        await page.getByLabel('用户名').fill(account.username)
        await page.getByLabel('密码').fill(account.password)
        await page.getByRole('button', { name: '登录' }).click()
        await page.getByRole('heading', { level: 1, name: '数据归集' }).waitFor()
      },
    },
    {
      name: 'who is a version behind is told so and overwrites nothing',
      part: 'pages',
      run: async () => {
        const path = '/catalogue/new'
        const first = await browser.staff('data_officer', path, { organization: '009' })
        const name = `陈旧版本试验${randomBytes(3).toString('hex')}`
        await fill(first, '资源名称', name)
        await press(first, '保存草稿')
        await first.waitForURL(/\/edit$/)
        const second = await browser.staff(
          'data_officer',
          new URL(first.url()).pathname.replace('/console', ''),
          {
            organization: '009',
          },
        )
        await browser.settled(second)
        await fill(second, '资源摘要', '后打开的先保存')
        await press(second, '保存草稿')
        await second.getByText('有未保存的修改').waitFor({ state: 'hidden' })
        await fill(first, '资源摘要', '先打开的后保存')
        await press(first, '保存草稿')
        await first.getByText('您打开之后别人改过它').waitFor()
        await browser.shot(first, 'console-stale-1440')
        const [kept] = await Promise.all([
          first.waitForResponse((one) => one.request().method() === 'GET' && /resources\//.test(one.url())),
          first.getByRole('button', { name: '载入最新内容' }).click(),
        ])
        assert.equal((await kept.json()).abstract, '后打开的先保存')
        first.on('dialog', (dialog) => dialog.accept())
        await first.goto(first.url().replace('/edit', ''))
        await browser.settled(first)
        await press(first, '删除')
        await first.waitForURL(/\/catalogue$/)
      },
    },
    {
      name: 'a broken file is refused with a reason and nothing is filled in',
      part: 'pages',
      run: async () => {
        const page = await browser.staff('data_officer', '/catalogue/new', { organization: '009' })
        const broken = {
          name: '坏文件.xlsx',
          mimeType: 'application/octet-stream',
          buffer: Buffer.from('PK\u0003\u0004 not a workbook'),
        }
        await page.locator('input[type=file]').setInputFiles(broken)
        await page.locator('.notice.warn[role=alert]').waitFor()
        assert.equal(await page.locator('table.items').count(), 0)
      },
    },
    {
      name: 'the console speaks English when asked',
      part: 'pages',
      run: async () => {
        const page = await browser.staff('data_officer', '/catalogue', { organization: '020' })
        await page.getByRole('button', { name: 'English' }).click()
        await page.getByRole('heading', { level: 1, name: 'Catalogue' }).waitFor()
        await browser.settled(page)
        await browser.shot(page, 'console-english-1440')
      },
    },
  ]
}
