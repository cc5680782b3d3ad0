// The synthetic register of enterprises that benches run on: every row loads, and a known share of rows breaks each
// quality rule. Row i is the same in every run.
import { createWriteStream } from 'node:fs'

import { registers } from '../../demo/datasets.mjs'
import { creditCheck } from '../../demo/registers.mjs'

export const register = registers.find((set) => set.register === 'enterprises')

/** Loads check type, required, length and code lists by themselves; the patterns come as blocking rules. */
export const loadItems = register.items
export const loadRules = [
  { id: 'credit-form', kind: 'pattern', item: 'credit_code', severity: 'block', params: { pattern: '^[0-9A-HJ-NPQRTUWXY]{18}$' } },
  { id: 'address-form', kind: 'pattern', item: 'address', severity: 'block', params: { pattern: '^江苏省徐州市.+号$' } },
]

/** Without lengths and key, and the name of a person free: 15 derived rules, 20 with those below. */
export const qualityItems = register.items.map(({ length, scale, primary_key, ...rest }) => ({
  ...rest, ...(rest.element === 'person_name' && { element: undefined }),
}))
export const qualityRules = [
  { id: 'address-form', kind: 'pattern', item: 'address', severity: 'major', params: { pattern: '^江苏省徐州市.+号$' } },
  { id: 'state-word', kind: 'enumeration', item: 'state', severity: 'major', params: { values: ['存续', '吊销', '注销'] } },
  { id: 'founded-range', kind: 'range', item: 'founded_on', severity: 'minor', params: { min: '1949-10-01', max: '2099-12-31' } },
  { id: 'closed-when', kind: 'conditional_required', item: 'closed_on', severity: 'major', params: { when: 'state', equals: '注销' } },
  { id: 'name-once', kind: 'unique', item: 'name', severity: 'major', params: {} },
]

const day = (offset) => new Date(Date.UTC(1995, 0, 1) + offset * 86400000).toISOString().slice(0, 10)
const regions = ['320302', '320303', '320305', '320311', '320312', '320321', '320322', '320324', '320381', '320382']
const kinds = ['有限责任公司', '股份有限公司', '个人独资企业', '合伙企业']
const surnames = '王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗'
const given = '伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英文建国志华'
const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

function idNumber(i) {
  const birth = day((i * 37) % 9000 - 9000).replaceAll('-', '')
  const first17 = regions[i % 10] + birth + String(i % 1000).padStart(3, '0')
  let sum = 0
  for (let k = 0; k < 17; k++) sum += weights[k] * Number(first17[k])
  return first17 + '10X98765432'[sum % 11]
}
const nameOf = (i) => surnames[i % 20] + given[(i * 7) % 28] + (i % 3 ? given[(i * 13) % 28] : '')
const wrongCheck = (text) => text.slice(0, -1) + (text.endsWith('0') ? '1' : '0')

/** Row i; `edition` changes the capital, so that an upsert has something to write. */
export function line(i, edition = 0) {
  const first17 = '91320301MA' + String(i).padStart(7, '0')
  const code = first17 + creditCheck(first17)
  const founded = (i * 7919) % 10900
  const closed = i % 17 === 3
  const person = nameOf(i)
  const named = i % 5000 === 4999 ? i - 1 : i
  return [
    i % 2000 === 11 ? wrongCheck(code) : code,
    `徐州示例第${named}号${nameOf(named)}商贸有限公司`,
    kinds[i % 4],
    person,
    i % 10 === 9 ? '' : i % 2000 === 17 ? wrongCheck(idNumber(i)) : idNumber(i),
    String(i % 3000 === 5 ? -1 : ((i * 31) % 5000) + edition) + (i % 5 ? '' : '.50'),
    i % 4000 === 23 ? '2031-05-06' : day(founded),
    closed && i % 3400 !== 3 ? day(founded + (i % 1700 === 20 ? -5 : 300)) : '',
    'ABCDEFGHIJKLMNOPQRS'[i % 19],
    regions[i % 10],
    `江苏省徐州市${i % 2 ? '泉山区' : '云龙区'}示例路${i % 900}号${(i % 30) + 1}幢${(i % 99) + 1}号`,
    i % 2500 === 31 ? '1380000' : '138' + String((i * 7) % 100000000).padStart(8, '0'),
    i % 6000 === 41 ? '未知' : closed ? '注销' : i % 5 ? '存续' : '吊销',
  ].join(',') + '\n'
}

/** The rows of these numbers (or the first so many) with a header, as UTF-8. */
export async function writeRegister(file, numbers, edition = 0) {
  const out = createWriteStream(file, { highWaterMark: 1 << 20 })
  out.write(register.items.map((one) => one.name).join(',') + '\n')
  const count = numbers.length ?? numbers
  let text = ''
  for (let i = 0; i < count; i++) {
    text += line(numbers.length ? numbers[i] : i, edition)
    if (text.length < 1 << 18 && i + 1 < count) continue
    if (!out.write(text)) await new Promise((resolve) => out.once('drain', resolve))
    text = ''
  }
  await new Promise((resolve) => out.end(resolve))
}
