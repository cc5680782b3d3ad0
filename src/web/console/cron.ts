// A schedule's five fields in words, where people have words for it; else the expression as it stands.
import { t } from '@shared/i18n'

const weekdays = [
  t('周日', 'Sunday'),
  t('周一', 'Monday'),
  t('周二', 'Tuesday'),
  t('周三', 'Wednesday'),
  t('周四', 'Thursday'),
  t('周五', 'Friday'),
  t('周六', 'Saturday'),
]
const number = /^\d+$/

/** `days` names the days when they are not those of the expression ("每个工作日"). */
export function cronText(expression: string, days?: string): string {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = expression.trim().split(/\s+/)
  const asIs = days ? t(`${expression}（${days}）`, `${expression} (${days})`) : expression
  if (month !== '*') {
    return asIs
  }
  const everyDay = day === '*' && weekday === '*'
  const step = /^\*\/(\d+)$/.exec(minute)?.[1]
  if (everyDay && hour === '*' && !days) {
    return minute === '*' || step
      ? t(`每 ${step ?? 1} 分钟`, `every ${step ?? 1} minutes`)
      : number.test(minute)
        ? t(`每小时第 ${minute} 分`, `minute ${minute} of every hour`)
        : asIs
  }
  if (!number.test(minute) || !number.test(hour)) {
    return asIs
  }
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`
  if (everyDay) {
    return `${days ?? t('每天', 'every day')} ${time}`
  }
  if (weekday === '*' && number.test(day) && !days) {
    return t(`每月 ${day} 日 ${time}`, `day ${day} of the month, ${time}`)
  }
  const name = number.test(weekday) ? weekdays[Number(weekday) % 7] : undefined
  return day === '*' && name && !days ? t(`每${name} ${time}`, `every ${name} ${time}`) : asIs
}
