import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { precompress } from './build/precompress.ts'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// Three entries: islands for the server-rendered pages, the API browser, and the staff console.
const input = { portal: at('portal/main.ts'), docs: at('docs/index.html'), console: at('console/index.html') }

export default defineConfig({
  root: at('.'),
  base: '/',
  plugins: [vue(), precompress()],
  resolve: { alias: { '@shared': at('shared') } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: 'manifest.json',
    assetsInlineLimit: 0, // the CSP has no data: for fonts, and inlined files cannot be cached
    target: 'es2022',
    chunkSizeWarningLimit: 1800,
    rollupOptions: { input },
  },
})
