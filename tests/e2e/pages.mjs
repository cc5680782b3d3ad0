// Every console page, for a role that may open it, at two widths: it loads, fits, raises no error and passes axe.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { fill, press } from './steps.mjs'

/** What the page itself says, as opposed to the data it shows. */
async function onlyEnglish(page, selector) {
  const texts = await page.locator(selector).evaluateAll((all) => all.map((one) => one.textContent.trim()))
  const chinese = texts.filter((text) => /\p{Script=Han}/u.test(text) && text !== '中文' && !text.startsWith('徐州市'))
  assert.deepEqual(chinese, [], page.url())
}

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
  /** Loaded, without an error, no wider than the window and right for axe, at both widths. */
  async function judge(page, name) {
    for (const width of [1440, 375]) {
      await browser.resize(page, width)
      await browser.settled(page)
      assert.equal(await page.locator('.notice.warn[role=alert]').count(), 0, 'the page shows an error')
      await browser.fits(page)
      await browser.shot(page, `${name}-${width}`)
      await browser.accessible(page)
    }
  }
  const tests = list.map(([role, organization, name, path]) => ({
    name: `console page ${name} at 1440 and 375`,
    part: 'pages',
    run: async () => {
      const page = await browser.signedIn(browser.account(role, organization), `/console${path}`)
      await judge(page, `console-${name}`)
    },
  }))
  const [item] = browser.demo.items
  const portal = [
    ['home', '/'],
    ['datasets', '/datasets'],
    ['nothing-found', '/datasets?q=没有这样的数据'],
    ['dataset', '/datasets/enterprises'],
    ['bars', '/datasets/key-projects'],
    ['services', '/services'],
    ['guide', `/services/${item}`],
    ['login', '/login'],
    ['register', '/register'],
    ['missing', '/datasets/no-such-set'],
    ['my', '/my', 'citizen'],
    ['security', '/my/security', 'citizen'],
    ['apply', `/services/${item}/apply`, 'citizen'],
  ]
  const portalTests = portal.map(([name, path, role]) => ({
    name: `portal page ${name} at 1440 and 375`,
    part: 'pages',
    run: async () => {
      const page = role
        ? await browser.signedIn(browser.account(role), path)
        : await browser.open(path)
      // Islands that fetch: rows, a chart, a form.
      await page.waitForLoadState('networkidle')
      await judge(page, `portal-${name}`)
    },
  }))
  return [
    ...tests,
    ...portalTests,
    {
      name: "a citizen's case at 1440 and 375",
      part: 'pages',
      run: async () => {
        const page = await browser.signedIn(browser.account('citizen'), '/my')
        await page.locator('section[aria-labelledby=my-cases] tbody a').last().click()
        await page.getByRole('heading', { name: '办理进度' }).waitFor()
        assert.equal(await page.getByRole('link', { name: '工作台', exact: true }).count(), 0, 'no staff link')
        await judge(page, 'portal-case')
      },
    },
    {
      name: 'a page of the portal is walked with the keyboard alone',
      part: 'pages',
      run: async () => {
        const page = await browser.open('/datasets/enterprises')
        await page.waitForLoadState('networkidle')
        await page.keyboard.press('Tab')
        assert.equal(await page.evaluate(() => document.activeElement.textContent), '跳到正文')
        const seen = new Set()
        for (let presses = 0; presses < 200; presses += 1) {
          const place = await page.evaluate(() => {
            const it = document.activeElement
            return it === document.body ? '' : `${it.tagName} ${it.textContent?.slice(0, 20)} ${it.getAttribute('href') ?? it.id}`
          })
          if (place === '') {
            break
          }
          seen.add(place)
          await page.keyboard.press('Tab')
        }
        const walked = [...seen].join('|')
        for (const wanted of ['搜索', '以表格查看', '下一页', 'CSV', '部门工作台']) {
          assert(walked.includes(wanted), `the keyboard does not reach ${wanted}`)
        }
      },
    },
    {
      name: 'the grid of a data set shows numbers as they are stored',
      part: 'pages',
      run: async () => {
        const page = await browser.open('/login')
        await page.route(/open\/data\/plan-indicators\?/, (route) =>
          route.fulfill({
            contentType: 'application/json',
            body: '[{"no":9007199254740993,"name":"a \\"1.50\\"","value_2021":1.50,"target_2025":12345678901234567890.123},{"no":-7,"value_2021":1e3}]',
          }),
        )
        await page.goto(new URL('/datasets/plan-indicators', page.url()).href)
        const cells = page.locator('[aria-labelledby=h-preview] tbody td .cell')
        await cells.getByText('9007199254740993', { exact: true }).waitFor()
        const shown = await cells.allTextContents()
        for (const wanted of ['a "1.50"', '1.50', '12345678901234567890.123', '-7', '1e3']) {
          assert(shown.includes(wanted), `${wanted} is not among ${shown}`)
        }
      },
    },
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
        await first.bringToFront() // a tab behind another draws a frame a second
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
      name: 'what is not there has a page of its own that says so',
      part: 'pages',
      run: async () => {
        const account = browser.account('data_officer', '040')
        const page = await browser.signedIn(account, '/console/catalogue/999999-999999')
        await page.getByRole('heading', { level: 1, name: '没有找到' }).waitFor()
        await page.getByRole('alert').waitFor()
        await browser.accessible(page)
        await page.goto('/console/no/such/page')
        await page.getByRole('heading', { level: 1 }).waitFor()
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
    {
      name: 'in English no label, heading or button is Chinese',
      part: 'pages',
      run: async () => {
        const walk = [
          ['data_officer', '040', ['', 'catalogue/new', `ingest/${firms}`, `quality/${firms}`, 'opening']],
          ['data_officer', '022', ['exchange/find', `exchange/ask/${people}`, 'exchange/clients', 'security']],
          ['system_admin', '', ['admin/users', 'admin/jobs', 'admin/schedules']],
          ['audit_admin', '', ['admin/audit']],
        ]
        for (const [role, organization, paths] of walk) {
          for (const path of paths) {
            const account = browser.account(role, organization)
            const page = await browser.signedIn(account, `/console/${path}`, { language: 'en' })
            await browser.settled(page)
            await onlyEnglish(page, 'th, .el-form-item__label, nav#menu a, .el-button, .el-tabs__item, .sort, .hint')
            await page.close()
          }
        }
        const citizen = browser.account('citizen')
        for (const path of ['/', '/datasets', '/datasets/regions', '/services', '/login', '/register', '/my', '/my/security']) {
          const page = await browser.signedIn(citizen, path, { language: 'en' })
          await page.waitForLoadState('networkidle')
          await onlyEnglish(page, 'thead th:not(.table-wrap.scroll th), h2:not(li h2), .button, nav a, dt, .field > label')
          await page.close()
        }
      },
    },
  ]
}
