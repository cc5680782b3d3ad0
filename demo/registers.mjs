// Synthetic registers of people, enterprises and licences, the same for the same seed, with faults sown and
// counted: `node demo/registers.mjs --out DIR [--seed N] [--people N] ...` writes three CSV files, faults.json (what
// was sown) and entries.json (the catalogue entries and own rules that find it).
//
// Nobody real can be meant: identity numbers and credit codes carry the region 320301, a grouping code of
// GB/T 2260 at which nobody is ever registered; phones carry the well-known dummy prefix 1380000.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { entry, registers as sets, rulesOf } from './datasets.mjs'

/** Mulberry32: small, seedable, the same on every machine. */
function generator(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return {
    below: (n) => Math.floor(next() * n),
    between: (a, b) => a + Math.floor(next() * (b - a + 1)),
    pick: (list) => list[Math.floor(next() * list.length)],
    chance: (p) => next() < p,
  }
}

const surnames = [...'王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢']
const given = [...'伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华文玉兰红梅建国志海晨宇轩欣怡子涵雨桐浩然梓萱思远嘉']
const regions = ['320302', '320303', '320305', '320311', '320312', '320321', '320322', '320324', '320381', '320382']
const regionNames = {
  320302: '鼓楼区', 320303: '云龙区', 320305: '贾汪区', 320311: '泉山区', 320312: '铜山区',
  320321: '丰县', 320322: '沛县', 320324: '睢宁县', 320381: '新沂市', 320382: '邳州市',
}
const roads = ['示例一路', '示例二路', '样本大街', '测试路', '模拟巷']
const industries = [...'ABCDEFGHIJKLMNOPQRS']
const trades = ['机械', '食品', '商贸', '科技', '物流', '建筑', '纺织', '医药', '文化', '餐饮', '农业', '新能源']
const ethnicities = ['01', '01', '01', '01', '01', '01', '01', '01', '03', '11', '15', '06']

const iso = (date) => date.toISOString().slice(0, 10)
const day = (y, m, d) => new Date(Date.UTC(y, m - 1, d))
const addDays = (date, n) => new Date(date.getTime() + n * 86400000)
const pad = (n, width) => String(n).padStart(width, '0')

export function idCheck(first17) {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
  const sum = weights.reduce((s, w, i) => s + w * Number(first17[i]), 0)
  return '10X98765432'[sum % 11]
}

const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'
export function creditCheck(first17) {
  let sum = 0
  for (let i = 0, w = 1; i < 17; i++, w = (w * 3) % 31) sum += alphabet.indexOf(first17[i]) * w
  return alphabet[(31 - (sum % 31)) % 31]
}
function organizationCheck(first8) {
  const weights = [3, 7, 9, 10, 5, 8, 4, 2]
  const value = (c) => (c >= '0' && c <= '9' ? Number(c) : c.charCodeAt(0) - 55)
  const sum = weights.reduce((s, w, i) => s + w * value(first8[i]), 0)
  const check = 11 - (sum % 11)
  return check === 10 ? 'X' : check === 11 ? '0' : String(check)
}
const wrongDigit = (text) => text.slice(0, -1) + (text.endsWith('0') ? '1' : '0')

const personName = (random) => random.pick(surnames) + random.pick(given) + (random.chance(0.7) ? random.pick(given) : '')
const phone = (random) => '1380000' + pad(random.below(10000), 4)

function address(random, region) {
  return `江苏省徐州市${regionNames[region]}${random.pick(roads)}${random.between(1, 200)}号${random.between(1, 30)}栋${random.between(101, 2805)}室`
}

/** Deals each fault to rows of its own, so that every row has at most one and each can be counted. */
function deal(random, count, faults) {
  const at = new Map()
  for (const fault of faults) {
    for (let i = 0; i < fault.count; ) {
      const row = random.between(fault.from ?? 0, count - 1)
      if (!at.has(row)) {
        at.set(row, fault)
        i++
      }
    }
  }
  return at
}

function people(random, count) {
  const columns = ['公民身份号码', '姓名', '性别', '民族', '出生日期', '户籍区划', '住址', '联系电话', '登记日期']
  const faults = [
    { kind: 'required', item: '姓名', count: 6, sow: (row) => (row['姓名'] = '') },
    { kind: 'type', item: '登记日期', count: 5, sow: (row) => (row['登记日期'] = '2024-13-40') },
    { kind: 'code_list', item: '户籍区划', count: 7, sow: (row) => (row['户籍区划'] = '329999') },
    { kind: 'code_list', item: '民族', count: 4, sow: (row) => (row['民族'] = '77') },
    { kind: 'id_number', item: '公民身份号码', count: 9, sow: (row) => (row['公民身份号码'] = wrongDigit(row['公民身份号码'])) },
    { kind: 'mobile', item: '联系电话', count: 8, sow: (row) => (row['联系电话'] = '1280000' + row['联系电话'].slice(7)) },
    { kind: 'not_future', item: '登记日期', count: 3, sow: (row) => (row['登记日期'] = '2099-01-01') },
    { kind: 'id_vs_birth', item: '出生日期', count: 5, sow: (row) => (row['出生日期'] = iso(addDays(new Date(row['出生日期']), 1))) },
    { kind: 'id_vs_sex', item: '性别', count: 4, sow: (row) => (row['性别'] = row['性别'] === '1' ? '2' : '1') },
  ]
  const sown = deal(random, count, faults.map((fault) => ({ ...fault, from: 100 })))
  const rows = []
  for (let i = 0; i < count; i++) {
    const birth = addDays(day(1930, 1, 1), random.below(31000))
    const male = random.chance(0.5)
    const serial = (i % 500) * 2 + (male ? 1 : 0)
    const first17 = '320301' + iso(birth).replaceAll('-', '') + pad(serial, 3)
    const region = random.pick(regions)
    const row = {
      公民身份号码: first17 + idCheck(first17),
      姓名: personName(random),
      性别: male ? '1' : '2', // GB/T 2261.1
      民族: random.pick(ethnicities),
      出生日期: iso(birth),
      户籍区划: region,
      住址: address(random, region),
      联系电话: phone(random),
      登记日期: iso(addDays(day(2015, 1, 1), random.below(3900))),
    }
    sown.get(i)?.sow(row)
    rows.push(row)
  }
  return { columns, rows, faults }
}

function enterprises(random, count, persons) {
  const columns = ['统一社会信用代码', '企业名称', '企业类型', '法定代表人', '法定代表人证件号', '注册资本', '成立日期', '注销日期', '行业门类',
    '住所区划', '住所', '联系电话', '经营状态']
  const faults = [
    { kind: 'required', item: '企业名称', count: 5, sow: (row) => (row['企业名称'] = '') },
    { kind: 'type', item: '注册资本', count: 6, sow: (row) => (row['注册资本'] = '叁佰万') },
    { kind: 'code_list', item: '行业门类', count: 6, sow: (row) => (row['行业门类'] = 'Z') },
    { kind: 'credit_code', item: '统一社会信用代码', count: 10, sow: (row) => (row['统一社会信用代码'] = wrongDigit(row['统一社会信用代码'])) },
    { kind: 'range', item: '注册资本', count: 7, sow: (row) => (row['注册资本'] = '-' + row['注册资本']) },
    { kind: 'date_order', item: '注销日期', count: 4, sow: (row) => (row['注销日期'] = iso(addDays(new Date(row['成立日期']), -30))) },
    { kind: 'mobile', item: '联系电话', count: 5, sow: (row) => (row['联系电话'] = '0000') },
  ]
  const sown = deal(random, count, faults)
  const rows = []
  for (let i = 0; i < count; i++) {
    const first8 = 'MA' + pad(i, 6)
    const first17 = '91320301' + first8 + organizationCheck(first8)
    const region = random.pick(regions)
    const founded = addDays(day(1995, 1, 1), random.below(10900))
    const closed = random.chance(0.08)
    const representative = random.pick(persons)
    const row = {
      统一社会信用代码: first17 + creditCheck(first17),
      企业名称: `徐州示例${random.pick(given)}${random.pick(given)}${random.pick(trades)}有限公司(合成${pad(i + 1, 5)})`,
      企业类型: random.pick(['有限责任公司', '股份有限公司', '个人独资企业', '合伙企业']),
      法定代表人: representative['姓名'],
      法定代表人证件号: representative['公民身份号码'],
      注册资本: String(random.pick([10, 50, 100, 200, 300, 500, 1000, 2000, 5000])),
      成立日期: iso(founded),
      注销日期: closed ? iso(addDays(founded, random.between(200, 400))) : '',
      行业门类: random.pick(industries),
      住所区划: region,
      住所: address(random, region),
      联系电话: phone(random),
      经营状态: closed ? '注销' : random.pick(['存续', '存续', '存续', '存续', '吊销']),
    }
    sown.get(i)?.sow(row)
    rows.push(row)
  }
  return { columns, rows, faults }
}

function licences(random, count, holders) {
  const columns = ['证照编号', '证照类型', '持证人', '持证人证件号', '颁发区划', '颁发日期', '有效期截止日期', '证照状态']
  const faults = [
    { kind: 'required', item: '持证人', count: 4, sow: (row) => (row['持证人'] = '') },
    { kind: 'pattern', item: '证照编号', count: 6, sow: (row) => (row['证照编号'] = row['证照编号'].toLowerCase()) },
    { kind: 'code_list', item: '证照类型', count: 5, sow: (row) => (row['证照类型'] = 'LT99') },
    { kind: 'date_order', item: '有效期截止日期', count: 6, sow: (row) => (row['有效期截止日期'] = iso(addDays(new Date(row['颁发日期']), -1))) },
    { kind: 'unique', item: '证照编号', count: 3, from: 1, sow: (row, before) => (row['证照编号'] = before['证照编号']) },
  ]
  const sown = new Map()
  const taken = new Set()
  for (const fault of faults) {
    for (let i = 0; i < fault.count; ) {
      const row = random.between(1, count - 1)
      // A repeated number needs a clean row before it, which stays clean.
      if (taken.has(row) || (fault.kind === 'unique' && taken.has(row - 1))) continue
      taken.add(row)
      if (fault.kind === 'unique') taken.add(row - 1)
      sown.set(row, fault)
      i++
    }
  }
  const rows = []
  for (let i = 0; i < count; i++) {
    const holder = random.pick(holders)
    const issued = addDays(day(2015, 1, 1), random.below(3900))
    const row = {
      证照编号: 'XZ' + pad(i + 1, 8),
      证照类型: random.pick(['LT01', 'LT06', 'LT08', 'LT09', 'LT20']),
      持证人: holder['姓名'] || '某人',
      持证人证件号: holder['公民身份号码'],
      颁发区划: random.pick(regions),
      颁发日期: iso(issued),
      有效期截止日期: iso(addDays(issued, 3650)),
      证照状态: random.pick(['有效', '有效', '有效', '有效', '注销']),
    }
    const fault = sown.get(i)
    fault?.sow(row, rows[i - 1])
    rows.push(row)
  }
  return { columns, rows, faults }
}

const cell = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
export const toCsv = ({ columns, rows }) =>
  [columns, ...rows.map((row) => columns.map((column) => row[column]))].map((line) => line.map(cell).join(',')).join('\r\n') + '\r\n'

/** The three registers and what was sown in each: {kind, item, count}. */
export function registers({ seed = 2026, people: peopleCount = 3000, enterprises: firmCount = 2000, licences: licenceCount = 1500 } = {}) {
  const person = people(generator(seed), peopleCount)
  // Representatives and holders come from the rows before the first fault (people 0 to 99 are clean).
  const clean = person.rows.slice(0, 100)
  const firm = enterprises(generator(seed + 1), firmCount, clean)
  const licence = licences(generator(seed + 2), licenceCount, clean)
  return { people: person, enterprises: firm, licences: licence }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const options = {}
  for (let i = 2; i < process.argv.length; i += 2) {
    const name = process.argv[i].replace(/^--/, '')
    options[name] = name === 'out' ? process.argv[i + 1] : Number(process.argv[i + 1])
  }
  const made = registers(options)
  const out = options.out ?? '.'
  mkdirSync(out, { recursive: true })
  const sown = {}
  for (const [name, register] of Object.entries(made)) {
    writeFileSync(join(out, `${name}.csv`), toCsv(register))
    sown[name] = { rows: register.rows.length, faults: register.faults.map(({ kind, item, count }) => ({ kind, item, count })) }
  }
  const entries = Object.fromEntries(sets.map((set) => [set.register, { body: entry(set, true), rules: rulesOf(set) }]))
  writeFileSync(join(out, 'entries.json'), JSON.stringify(entries, null, 2) + '\n')
  writeFileSync(join(out, 'faults.json'), JSON.stringify(sown, null, 2) + '\n')
  console.log(`${Object.values(sown).reduce((sum, r) => sum + r.rows, 0)} rows in ${out}`)
}
