import { t } from '@shared/i18n'
import { inputOf, type Item, type Resource, type ResourceInput } from '../../api/catalogue'
import { fieldNames, itemFieldNames } from '../../fields'

export interface Difference {
  place: string
  before: string
  after: string
}

function text(value: unknown): string {
  if (value === null || value === undefined || value === '') {
    return '—'
  }
  if (typeof value === 'boolean') {
    return value ? t('是', 'yes') : t('否', 'no')
  }
  if (Array.isArray(value)) {
    return value.join(t('、', ', ')) || '—'
  }
  if (typeof value === 'object') {
    return Object.values(value).join(' ')
  }
  return String(value)
}

/** What changes when `next` replaces `published`, in the words of the form; items are matched by column. */
export function differences(published: Resource, next: Resource): Difference[] {
  const before = inputOf(published)
  const after = inputOf(next)
  const found: Difference[] = []
  for (const name of Object.keys(before) as (keyof ResourceInput)[]) {
    if (name !== 'items' && text(before[name]) !== text(after[name])) {
      found.push({ place: fieldNames[name] ?? name, before: text(before[name]), after: text(after[name]) })
    }
  }
  const old = new Map(before.items.map((item) => [item.column, item]))
  for (const item of after.items) {
    const was = old.get(item.column)
    old.delete(item.column)
    if (!was) {
      found.push({
        place: t(`信息项「${item.name}」`, `Item ${item.name}`),
        before: '—',
        after: t('新增', 'added'),
      })
      continue
    }
    for (const name of Object.keys(itemFieldNames) as (keyof Item)[]) {
      if (text(was[name]) !== text(item[name])) {
        found.push({
          place: t(
            `信息项「${item.name}」${itemFieldNames[name]}`,
            `Item ${item.name}: ${itemFieldNames[name]}`,
          ),
          before: text(was[name]),
          after: text(item[name]),
        })
      }
    }
  }
  for (const gone of old.values()) {
    found.push({
      place: t(`信息项「${gone.name}」`, `Item ${gone.name}`),
      before: gone.column,
      after: t('删除', 'removed'),
    })
  }
  return found
}
