import { t } from '@shared/i18n'
import type { Rule } from '../../api/quality'
import { codeListName } from '../../names'

/** Kinds that a person adds, with the parameters each asks for. */
export const parameters: Record<
  string,
  (
    | 'min'
    | 'max'
    | 'pattern'
    | 'values'
    | 'code_list'
    | 'columns'
    | 'before'
    | 'birth'
    | 'sex'
    | 'when'
    | 'equals'
  )[]
> = {
  required: [],
  not_blank: [],
  conditional_required: ['when', 'equals'],
  pattern: ['pattern'],
  range: ['min', 'max'],
  length: ['min', 'max'],
  scale: ['max'],
  enumeration: ['values'],
  code_list: ['code_list'],
  unique: [],
  composite_unique: ['columns'],
  duplicate: ['columns'],
  date_order: ['before'],
  not_future: [],
  id_number: [],
  credit_code: [],
  phone: [],
  mobile: [],
  landline: [],
  region: [],
  plate: [],
  bank_card: [],
  email: [],
  person_name: [],
  id_vs_birth: ['birth'],
  id_vs_sex: ['sex'],
  dirty_text: [],
}
export const columnParameters = ['before', 'birth', 'sex', 'when']

export const parameterNames: Record<string, string> = {
  min: t('最小', 'Least'),
  max: t('最大', 'Most'),
  pattern: t('正则表达式', 'Pattern'),
  values: t('允许的值', 'Allowed values'),
  code_list: t('代码表', 'Code list'),
  columns: t('信息项', 'Items'),
  before: t('不得早于', 'Not before'),
  birth: t('出生日期项', 'Birth date item'),
  sex: t('性别项', 'Sex item'),
  when: t('当信息项', 'When the item'),
  equals: t('等于', 'Equals'),
}

export function isDerived(rule: Rule): boolean {
  return rule.derived ?? rule.id.startsWith('derived.')
}

export function describeParams(rule: Rule, title: (column: string) => string): string {
  const parts = Object.entries(rule.params ?? {}).map(([name, value]) => {
    const shown = Array.isArray(value)
      ? value.map((one) => (name === 'columns' ? title(String(one)) : String(one))).join(t('、', ', '))
      : columnParameters.includes(name)
        ? title(String(value))
        : name === 'code_list'
          ? codeListName(String(value))
          : String(value)
    return `${parameterNames[name] ?? name} ${shown}`
  })
  return parts.join(t('；', '; ')) || '—'
}
