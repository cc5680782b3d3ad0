// What people do on console pages, by the words they see.
import assert from 'node:assert/strict'

/** The form row of a label, in a page or a part of it. */
function formItem(scope, label) {
  const root = 'page' in scope ? scope.page() : scope
  return scope.locator('.el-form-item', { has: root.locator('label', { hasText: new RegExp(`^${label}$`) }) })
}

export async function choose(page, label, option) {
  await formItem(page, label).locator('.el-select').first().click()
  await page.locator('.el-select-dropdown__item:visible', { hasText: option }).first().click()
}

export async function fill(scope, label, text) {
  await formItem(scope, label).locator('input, textarea').first().fill(text)
}

export async function radio(scope, text) {
  await scope.locator('.el-radio', { hasText: text }).first().click()
}

export async function press(page, name) {
  await page.locator('.el-button').getByText(name, { exact: true }).click()
}

/** The green word that a step succeeded. */
export async function told(page, text) {
  await page.locator('.el-message', { hasText: text }).first().waitFor()
}

export async function reviewRecord(page, name, who, result) {
  const part = page.locator(`[data-pointer="/${name}"]`)
  await part.getByLabel('何人').fill(who)
  await part.getByRole('combobox', { name: '何时' }).fill('2026-11-02')
  await part.getByRole('combobox', { name: '何时' }).press('Enter')
  await part.getByLabel('结果').fill(result)
}

export async function sendFile(page, path) {
  await page.locator('input[type=file]').first().setInputFiles(path)
}

/** Row of a table that holds the text, as its cells' texts. */
export async function row(page, text) {
  const found = page.locator('table tbody tr', { hasText: text }).first()
  await found.waitFor()
  return (await found.locator('th, td').allInnerTexts()).map((cell) => cell.trim())
}

export async function reason(page, title, text) {
  const dialog = page.getByRole('dialog', { name: title })
  await dialog.locator('textarea').fill(text)
  await dialog.getByRole('button', { name: title }).click()
  await dialog.waitFor({ state: 'hidden' })
}

/** The file that a link gives. */
export async function downloaded(page, link, path) {
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()])
  await download.saveAs(path)
  return path
}

/** JSON through the page's own session, as the page would read it. */
export async function api(page, path, options = {}) {
  const reply = await page.request.fetch(path, options)
  const text = await reply.text()
  return { status: reply.status(), headers: reply.headers(), text, json: () => JSON.parse(text) }
}

export function same(actual, expected, what) {
  assert.deepEqual(actual, expected, what)
}
