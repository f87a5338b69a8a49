import { existsSync } from 'node:fs'

/**
 * Vitest's global setup: fails at once, with the way out, where the tests would fail one by one with a riddle.
 * Runs of folders that need no lab (unit tests) pass without it.
 */
export function setup(project: { readonly config: { readonly root: string } }): void {
  if (!runsLabTests(process.argv.slice(2))) return
  if (!existsSync(`${project.config.root}/dist/slash64.cjs`)) {
    throw new Error('dist/slash64.cjs is missing: run `npm run setup` (or `npm run build`) first')
  }
  if (process.env['SLASH64_ENTERED'] !== 'yes') {
    throw new Error(
      'these tests change the network they run in: run them by `npm test`, or under `sh .ci/enter npx vitest run ...`',
    )
  }
}

/** Whether the run may reach a folder that needs a lab: it names one of them, or no folder or file at all. */
function runsLabTests(args: readonly string[]): boolean {
  const filters = args.filter((arg) => arg.startsWith('test/') && arg !== 'test/vitest.config.ts')
  return (
    filters.length === 0 || filters.some((filter) => /^test\/(e2e|lab|systemd|conformance)\b/.test(filter))
  )
}
