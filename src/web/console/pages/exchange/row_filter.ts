// A row filter of the row language ("region=eq.320302&kind=in.(1,2)") and its conditions.
import { t } from '@shared/i18n'

export interface Condition {
  column: string
  operator: string
  value: string
}

export const operators: { value: string; label: string }[] = [
  { value: 'eq', label: t('等于', 'equals') },
  { value: 'neq', label: t('不等于', 'is not') },
  { value: 'gte', label: t('不小于', 'at least') },
  { value: 'lte', label: t('不大于', 'at most') },
  { value: 'in', label: t('属于（逗号分隔）', 'one of (commas)') },
]
const plainWords: Record<string, string> = {
  ...Object.fromEntries(operators.map((one) => [one.value, one.label])),
  in: t('属于', 'one of'),
}

const quoted = (value: string) => (/[,()"\s]/.test(value) ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : value)

export function writeFilter(conditions: Condition[]): string {
  return conditions
    .filter((one) => one.column && one.value.trim())
    .map(({ column, operator, value }) => {
      const parts = value.split(/[,，、]/).map((one) => quoted(one.trim()))
      const text = operator === 'in' ? `(${parts.join(',')})` : value.trim()
      return `${column}=${operator}.${encodeURIComponent(text)}`
    })
    .join('&')
}

/** What a reader without the row language sees; a filter that says more than this form can stays as it is. */
export function filterText(filter: string, fields: { column: string; name: string }[]): string {
  const told = filter.split('&').map((part) => {
    const found = /^([a-z0-9_]+)=(\w+)\.(.*)$/.exec(part)
    const field = fields.find((one) => one.column === found?.[1])
    const relation = plainWords[found?.[2] ?? '']
    if (!found || !field || !relation) {
      return undefined
    }
    const value = decodeURIComponent(found[3]!)
    const shown = found[2] === 'in' ? value.slice(1, -1).replaceAll('"', '').split(',').join(t('、', ', ')) : value
    return `${field.name} ${relation} ${shown}`
  })
  return told.includes(undefined) ? filter : told.join(t('，且 ', ' and '))
}
