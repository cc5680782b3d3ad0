import { createApp } from 'vue'
import '@shared/tokens.css'
import 'element-plus/dist/index.css'
import '@shared/base.css'
import './console.css'
import { t } from '@shared/i18n'
import App from './App.vue'
import { elements } from './elements'
import { router } from './router'

export function start(): void {
  document.title = t('彭城 · 政务数据工作台', 'Pengcheng · data console')
  const app = createApp(App)
  for (const element of elements) {
    app.component(element.name ?? '', element)
  }
  app.use(router).mount('#app')
}
