// Bundles the program, the lab's helper and the demo into single files below dist/.
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Entry point, bundle, what is made of the bundle's text. */
const bundles = [
  ['src/cli/main.ts', 'dist/slash64.cjs', withLauncher],
  ['test/lab/agent.ts', 'dist/lab-agent.cjs', asItIs],
  ['test/lab/demo.ts', 'dist/demo.cjs', asItIs],
]

function asItIs(code) {
  return code
}

/**
 * Parsing 700 kB takes V8 as long as half of Node's own start, also where nearly nothing of it runs. As a string it is
 * skipped, so that `--version` costs what it should; every other command compiles it then.
 */
function withLauncher(code) {
  const body = `(function (exports, require, module, __filename, __dirname) {${code}\n})`
  return `'use strict'
if (process.argv.length === 3 && process.argv[2] === '--version') process.stdout.write(${JSON.stringify(`${version}\n`)})
else {
  const { Script } = require('node:vm')
  const main = new Script(${JSON.stringify(body)}, { filename: __filename }).runInThisContext()
  main(exports, require, module, __filename, __dirname)
}
`
}

/** Builds one bundle; rejects when it cannot, esbuild has then said why. */
async function bundle(entry, outfile, finish) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    // One file, in which `await import()` stays lazy: without splitting it is evaluated on call.
    format: 'cjs',
    // `require` instead of what the launcher's script could only do by an experimental option, with its warning.
    supported: { 'dynamic-import': false },
    // Every byte is parsed at every start.
    minify: true,
    legalComments: 'none',
    define: { 'process.env.SLASH64_VERSION': JSON.stringify(version) },
    logLevel: 'warning',
  })
  const path = join(root, outfile)
  mkdirSync(dirname(path), { recursive: true })
  // Renamed into place: whoever runs the old file meanwhile never reads half of a new one.
  writeFileSync(`${path}.new`, `#!/usr/bin/env node\n${finish(outputFiles[0].text)}`)
  chmodSync(`${path}.new`, 0o755)
  renameSync(`${path}.new`, path)
}

const [present, absent] = [true, false].map((there) =>
  bundles.filter(([entry]) => existsSync(join(root, entry)) === there),
)
const results = await Promise.allSettled(present.map((one) => bundle(...one)))
for (const [entry] of absent) console.error(`build: ${entry} is missing`)
if (absent.length > 0 || results.some(({ status }) => status === 'rejected')) process.exitCode = 1
