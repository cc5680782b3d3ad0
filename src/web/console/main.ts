// The page is static, so the language comes from the cookie here, before any module asks for it.
const chosen = /(?:^|;\s*)pc_lang=(zh|en)/.exec(document.cookie)?.[1] ?? 'zh'
document.documentElement.lang = chosen === 'en' ? 'en' : 'zh-CN'

void import('./app').then(({ start }) => start())

export {}
