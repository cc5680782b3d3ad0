// One Chromium, one context for each person; what goes wrong in a page is a fault of the test that opened it.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

// The browser libraries stand with the front end's own packages.
const require = createRequire(fileURLToPath(new URL('../../src/web/package.json', import.meta.url)))
const { chromium } = require('playwright-core')
// Evaluated, not added as a script: the pages' policy allows no inline script, and must not.
const axeText = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

const chromiums = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]
const patience = 60_000 // a busy machine with two cores may need half a minute for a password
const sizeOf = (width) => ({ width, height: width < 600 ? 812 : 900 })

export class Browser {
  static async start(baseUrl, demo) {
    const executablePath = chromiums.find((path) => path && existsSync(path))
    assert(executablePath, 'Chromium is missing: apt-get install chromium')
    const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']
    // In the C locale it cannot open a file whose name is Chinese, and says nothing.
    const env = { ...process.env, LC_ALL: 'C.UTF-8' }
    const chrome = await chromium.launch({ executablePath, args, env })
    return new Browser(chrome, baseUrl.replace(/\/$/, ''), demo)
  }

  constructor(chrome, baseUrl, demo) {
    this.chrome = chrome
    this.baseUrl = baseUrl
    this.demo = demo
    this.contexts = new Map()
    this.faults = []
    this.folder = join(process.env.PENGCHENG_VAR ?? 'var', 'screenshots')
    mkdirSync(this.folder, { recursive: true })
  }

  account(role, organization) {
    const found = this.demo.accounts.find(
      (one) => one.role === role && (organization === undefined || one.organization === organization),
    )
    assert(found, `the demo has no account ${role} ${organization ?? ''}`)
    return found
  }

  /** One for each person: what they are signed in as holds for all their pages. */
  async context(name) {
    if (!this.contexts.has(name)) {
      const context = await this.chrome.newContext({
        baseURL: this.baseUrl,
        locale: 'zh-CN',
        timezoneId: 'Asia/Shanghai',
        viewport: sizeOf(1440),
        // Nothing slides: a picture shows the page as it stays, and nobody waits.
        reducedMotion: 'reduce',
        acceptDownloads: true,
      })
      context.setDefaultTimeout(patience)
      this.contexts.set(name, context)
    }
    return this.contexts.get(name)
  }

  /** A page of a stranger. */
  async open(path, { name = 'anonymous', width = 1440 } = {}) {
    const context = await this.context(name)
    const page = await context.newPage()
    await this.resize(page, width)
    page.on('pageerror', (error) => this.faults.push(`${page.url()}: ${error.message}`))
    page.on('console', (message) => {
      // Refusals that a test provokes are answers, not faults; the browser logs them all the same.
      if (message.type() === 'error' && !/status of (4\d\d)/.test(message.text())) {
        this.faults.push(`${page.url()}: ${message.text()}`)
      }
    })
    await page.goto(path)
    return page
  }

  /** A console page of one of the demo's staff, signing in through the form when needed. */
  async staff(role, path = '/', { organization, width = 1440 } = {}) {
    const account = this.account(role, organization)
    const page = await this.open(`/console${path}`, { name: account.username, width })
    await this.settled(page)
    if (page.url().includes('/console/sign-in')) {
      await page.getByLabel('用户名').fill(account.username)
      await page.getByLabel('密码').fill(account.password)
      await page.getByRole('button', { name: '登录', exact: true }).click()
      await page.waitForURL((url) => !url.pathname.includes('/sign-in'))
      await this.settled(page)
    }
    return page
  }

  /** A page of somebody who has signed in already, in the given language. */
  async signedIn(account, path, { width = 1440, language = 'zh' } = {}) {
    const name = `${account.username} ${language}`
    const known = this.contexts.has(name)
    const context = await this.context(name)
    if (!known) {
      await context.addCookies([{ name: 'pc_lang', value: language, url: this.baseUrl }])
      const { username, password } = account
      const reply = await context.request.post('/api/v1/session', { data: { username, password } })
      assert.equal(reply.status(), 200, await reply.text())
    }
    return this.open(path, { name, width })
  }

  async resize(page, width) {
    await page.setViewportSize(sizeOf(width))
  }

  /** Nothing is loading any more: no skeleton, no busy table. */
  async settled(page) {
    await page.waitForLoadState('domcontentloaded')
    await page.waitForFunction(
      () =>
        document.querySelector('h1') !== null &&
        document.querySelector('.el-skeleton, [aria-busy="true"]') === null,
      undefined,
      { timeout: patience },
    )
  }

  async shot(page, name) {
    await page.evaluate(() => scrollTo(0, 0))
    await page.screenshot({ path: join(this.folder, `${name}.png`), fullPage: true })
  }

  async shotOfFailure(name) {
    let number = 0
    for (const context of this.contexts.values()) {
      for (const page of context.pages()) {
        number += 1
        const file = `failed-${name.replaceAll(/[^\p{L}\p{N}]+/gu, '-').slice(0, 80)}-${number}.png`
        await page.screenshot({ path: join(this.folder, file) }).catch(() => undefined)
      }
    }
  }

  /** Errors that pages raised since the last look. */
  takeFaults() {
    const found = this.faults
    this.faults = []
    return found
  }

  async closePages() {
    for (const context of this.contexts.values()) {
      for (const page of context.pages()) {
        await page.close().catch(() => undefined)
      }
    }
  }

  async stop() {
    await this.chrome.close()
  }

  /** Rules of WCAG 2.2 AA that a machine can judge. */
  async accessible(page) {
    if (!(await page.evaluate(() => 'axe' in window))) {
      await page.evaluate(axeText)
    }
    const violations = await page.evaluate(async () => {
      const found = await window.axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
      })
      return found.violations.map(
        (one) =>
          `${one.id}: ${one.nodes
            .map((node) => node.target.join(' '))
            .slice(0, 3)
            .join(' | ')}`,
      )
    })
    assert.deepEqual(violations, [], 'accessibility')
  }

  /** A page is never wider than its window. */
  async fits(page) {
    const over = () => document.documentElement.scrollWidth - document.documentElement.clientWidth
    // Charts follow the window's width a frame later.
    const fitting = page.waitForFunction(
      () => document.documentElement.scrollWidth <= document.documentElement.clientWidth,
      undefined,
      { timeout: 3000 },
    )
    await fitting.catch(async () => {
      assert.fail(`the page is ${await page.evaluate(over)} px wider than its window`)
    })
  }
}
