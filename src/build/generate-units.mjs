// Writes examples/systemd: what `slash64 install --print` prints for the defaults, with the program where a package puts it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const contents = `
  import { unitFiles } from './src/report/units/index.ts'
  import { UNIT_DEFAULTS } from './src/report/units/options.ts'
  export const units = unitFiles({ ...UNIT_DEFAULTS, program: ['/usr/bin/node', '/usr/lib/slash64/slash64.cjs'] })`
const { outputFiles } = await build({
  stdin: { contents, resolveDir: root },
  bundle: true,
  write: false,
  format: 'esm',
})
const { units } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`)

const folder = join(root, 'examples/systemd')
mkdirSync(folder, { recursive: true })
for (const { name, text } of units) writeFileSync(join(folder, name), text)
