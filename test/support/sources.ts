import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Absolute path of src/. */
export const SRC = fileURLToPath(new URL('../../src', import.meta.url))

/** Generated code and the build's own script are no part of the program's structure. */
const EXCLUDED = ['build/', 'config/generated/']

export interface Source {
  /** Path below src/. */
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
}

/** What an import names: `node:fs`, `execa`, or a path below src/. `types`: it is gone once compiled. */
export interface Import {
  readonly line: number
  readonly module: string
  readonly types: boolean
}

/** Every source file of the program, with its imports. */
export const SOURCES = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(ts|mts|mjs|js)$/.test(path) && !EXCLUDED.some((folder) => path.startsWith(folder)))
  .toSorted()
  .map(readSource)

function readSource(path: string): Source {
  const text = readFileSync(join(SRC, path), 'utf8')
  const statements = text.matchAll(/^(?:import|export)\b(?<what>[^'"`;]*?)\bfrom\s+'(?<from>[^']+)'/gm)
  const bare = text.matchAll(/^import\s+(?<what>)'(?<from>[^']+)'/gm)
  const lazy = text.matchAll(/\bimport\(\s*(?<what>)['"](?<from>[^'"]+)['"]/g)
  const imports = [...statements, ...bare, ...lazy].map(({ index, groups }) => ({
    line: lineAt(text, index),
    module: moduleOf(path, groups?.['from'] ?? ''),
    types: /^\s+type\b/.test(groups?.['what'] ?? ''),
  }))
  return { path, text, imports }
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}

function moduleOf(path: string, from: string): string {
  return from.startsWith('.') ? normalize(join(dirname(path), from)) : from
}

/** Whether the import names a file of src/. */
export function isOurs(module: string): boolean {
  return /\.(ts|json|mjs|cjs)$/.test(module) && isThere(module)
}

export function isThere(module: string): boolean {
  return existsSync(join(SRC, module))
}
