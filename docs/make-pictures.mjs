// The pictures of the READMEs, taken of a server with a fresh demo (./dev up in an empty PENGCHENG_VAR).
//   node docs/make-pictures.mjs --base-url http://127.0.0.1:8080 --demo var/demo.json
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Browser } from '../tests/e2e/browser.mjs'

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? fallback : process.argv[at + 1]
}
const demo = JSON.parse(readFileSync(option('demo', 'var/demo.json'), 'utf8'))
const browser = await Browser.start(option('base-url', demo.base_url), demo)
const folder = fileURLToPath(new URL('images/', import.meta.url))

/** What a window of that size shows first. */
async function picture(page, name, width, height) {
  await page.setViewportSize({ width, height })
  await browser.settled(page)
  await page.waitForLoadState('networkidle')
  await page.screenshot({ path: join(folder, `${name}.png`) })
  await page.close()
}
const people = demo.resources.at(-3)
const [item] = demo.items

await picture(await browser.open('/'), 'portal-home', 1280, 860)
await picture(await browser.open('/datasets/enterprises'), 'portal-dataset', 1280, 860)
await picture(await browser.open(`/services/${item}`), 'portal-phone', 375, 812)

const officer = browser.account('data_officer', '021')
await picture(await browser.signedIn(officer, '/console/catalogue'), 'console-catalogue', 1280, 860)
const report = await browser.signedIn(officer, `/console/quality/${people}`)
await browser.settled(report)
await report.locator('tbody a').first().click()
await report.waitForURL(/\/runs\//)
await picture(report, 'console-quality', 1280, 860)

const mine = await browser.signedIn(browser.account('citizen'), '/my')
await mine.locator('section[aria-labelledby=my-cases] tbody a').last().click()
await mine.getByRole('heading', { name: '办理进度' }).waitFor()
await picture(mine, 'portal-case', 1280, 860)
await browser.stop()
