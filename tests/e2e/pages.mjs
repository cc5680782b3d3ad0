// Every console page, for a role that may open it, at two widths: it loads, fits, raises no error and passes axe.
import assert from 'node:assert/strict'

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
