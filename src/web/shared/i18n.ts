// Chinese and English, chosen by the document's language, which the server sets from the cookie pc_lang.

let language: 'zh' | 'en' = document.documentElement.lang.startsWith('en') ? 'en' : 'zh'

export function chinese(): boolean {
  return language === 'zh'
}

/** Both texts stand side by side where they are used: t('下载', 'Download'). */
export function t(zh: string, en: string): string {
  return language === 'zh' ? zh : en
}

/** Remembers the choice and reloads, so that server-rendered parts follow. */
export function setLanguage(next: 'zh' | 'en'): void {
  language = next
  document.cookie = `pc_lang=${next}; path=/; max-age=31536000; samesite=lax`
  location.reload()
}

export function locale(): string {
  return language === 'zh' ? 'zh-CN' : 'en-GB'
}

export function formatNumber(value: number, digits = 2): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value)
}

/** "2026-11-23 14:05" in the city's time, from RFC 3339. */
export function formatTime(value: string | null | undefined): string {
  if (!value) {
    return '—'
  }
  const at = new Date(value)
  if (Number.isNaN(at.getTime())) {
    return value
  }
  const parts = new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'Asia/Shanghai',
    dateStyle: 'short',
    timeStyle: 'short',
  })
  return parts.format(at)
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${value.toFixed(unit === 0 || value >= 100 ? 0 : 1)} ${units[unit]}`
}

/** Seconds as people say them: "40 秒", "3 分", "1 小时 5 分". */
export function formatDuration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds))
  if (whole < 60) {
    return t(`${whole} 秒`, `${whole} s`)
  }
  const minutes = Math.round(whole / 60)
  if (minutes < 60) {
    return t(`${minutes} 分`, `${minutes} min`)
  }
  return t(`${Math.floor(minutes / 60)} 小时 ${minutes % 60} 分`, `${Math.floor(minutes / 60)} h ${minutes % 60} min`)
}
