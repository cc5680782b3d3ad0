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
const patience = 20_000

export class Browser {
  static async start(baseUrl, demo) {
    const executablePath = chromiums.find((path) => path && existsSync(path))
    assert(executablePath, 'Chromium is missing: apt-get install chromium')
    const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']
    const chrome = await chromium.launch({ executablePath, args })
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

  async context(name, width) {
    const key = `${name}@${width}`
    if (!this.contexts.has(key)) {
      const context = await this.chrome.newContext({
        baseURL: this.baseUrl,
        locale: 'zh-CN',
        timezoneId: 'Asia/Shanghai',
        viewport: { width, height: width < 600 ? 812 : 900 },
        acceptDownloads: true,
      })
      context.setDefaultTimeout(patience)
      this.contexts.set(key, context)
    }
    return this.contexts.get(key)
  }

  /** A page of a stranger. */
  async open(path, { name = 'anonymous', width = 1440 } = {}) {
    const context = await this.context(name, width)
    const page = await context.newPage()
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
      await page.getByRole('button', { name: '登录' }).click()
      await page.waitForURL((url) => !url.pathname.includes('/sign-in'))
      await this.settled(page)
    }
    return page
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
    await page.evaluate(axeText)
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
    const over = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    assert(over <= 0, `the page is ${over} px wider than its window`)
  }
}
