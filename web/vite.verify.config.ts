import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'

/**
 * `verify.html` goes with a bundle and is opened from the file system, where scripts may load nothing from beside them: all that
 * belongs to it is put into the one file.
 */
function intoOneFile(): Plugin {
  return {
    name: 'into-one-file',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const page = Object.values(bundle).find((part) => part.fileName === 'verify.html')
      if (page?.type !== 'asset' || typeof page.source !== 'string')
        throw new Error('No verify.html was built')
      let html = page.source
      let scripts = ''
      for (const [name, part] of Object.entries(bundle)) {
        if (part === page) continue
        const tag = new RegExp(
          `\\s*<(script|link)[^>]*${part.fileName.replaceAll('.', '\\.')}[^>]*>(</script>)?`,
        )
        if (!tag.test(html)) throw new Error(`${name} is not in verify.html`)
        html = html.replace(tag, '')
        // An end of a script within a text must not end the script.
        if (part.type === 'chunk')
          scripts += `<script>${part.code.replaceAll('</script', '<\\/script')}</script>`
        else html = html.replace('</head>', () => `<style>${String(part.source)}</style></head>`)
        Reflect.deleteProperty(bundle, name)
      }
      page.source = html.replace('</body>', () => `${scripts}</body>`)
    },
  }
}

export default defineConfig({
  plugins: [intoOneFile()],
  publicDir: false,
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  worker: { format: 'iife' },
  build: {
    outDir: 'dist',
    emptyOutDir: false,
    modulePreload: false,
    rollupOptions: { input: 'verify.html', output: { format: 'iife' } },
  },
})
