import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { KINDS } from '../src/kinds/index.ts'
import { isOurs, isThere, SOURCES, SRC } from './support/sources.ts'
import type { Import } from './support/sources.ts'

/** `path:line imports module`, for each import that breaks the rule. */
function violations(
  inside: (path: string) => boolean,
  forbidden: (one: Import) => boolean,
): readonly string[] {
  return SOURCES.filter(({ path }) => inside(path)).flatMap(({ path, imports }) =>
    imports.filter(forbidden).map(({ line, module }) => `${path}:${line} imports ${module}`),
  )
}

/** `path:line text`, for each line that matches. */
function lines(inside: (path: string) => boolean, pattern: RegExp): readonly string[] {
  return SOURCES.filter(({ path }) => inside(path)).flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        pattern.test(withoutText(line)) ? [`${path}:${index + 1} ${line.trim()}`] : [],
      ),
  )
}

/** The line without comments and texts, in which words are no code. */
function withoutText(line: string): string {
  if (/^\s*(\/?\*|\/\/)/.test(line)) return ''
  return line.replaceAll(/'(?:[^'\\]|\\.)*'|`[^`]*`/g, "''").replace(/\s\/\/.*$/, '')
}

const below =
  (...folders: readonly string[]) =>
  (path: string): boolean =>
    folders.some((folder) => path.startsWith(`${folder}/`))
const outside =
  (...folders: readonly string[]) =>
  (path: string): boolean =>
    !below(...folders)(path)
const everywhere = (): boolean => true

describe('the parser of imports', () => {
  it('sees the program', () => {
    expect(SOURCES.length).toBeGreaterThan(80)
    const imports = SOURCES.flatMap((source) => source.imports)
    expect(imports.length).toBeGreaterThan(SOURCES.length)
    expect(imports.map(({ module }) => module)).toEqual(expect.arrayContaining(['execa', 'engine/types.ts']))
  })

  it('resolves every import of our own to a file', () => {
    const ours = (module: string) => /\.(ts|mjs|js|json|cjs)$/.test(module) && !module.startsWith('node:')
    const lost = violations(everywhere, ({ module }) => ours(module) && !isThere(module))
    expect(lost).toEqual([])
  })
})

describe('one direction: net <- model <- kinds', () => {
  it.each([
    ['net', ['net']],
    ['text', ['text']],
    ['model', ['net', 'text', 'model', 'config']],
    ['formats', ['net', 'formats', 'engine', 'system']],
    ['runtimes', ['net', 'config', 'model', 'formats', 'engine', 'runtimes', 'system']],
    ['kinds', ['net', 'model', 'formats', 'engine', 'kinds', 'runtimes', 'system']],
    ['engine', ['net', 'engine', 'system']],
    ['drivers', ['net', 'model', 'formats', 'engine', 'drivers', 'system']],
    ['system', ['net', 'engine', 'system']],
    ['config', ['net', 'text', 'model', 'config']],
    ['controller', ['net', 'model', 'engine', 'runtimes', 'app', 'controller', 'system']],
    ['report', ['net', 'text', 'model', 'engine', 'app', 'controller', 'system', 'report']],
  ])('%s/ imports only from %j', (folder, allowed) => {
    const foreign = ({ module }: Import) => isOurs(module) && !below(...allowed)(module)
    expect(violations(below(folder), foreign)).toEqual([])
  })

  it('the engine knows no kind, model or tool format', () => {
    expect(
      violations(below('engine'), ({ module }) => below('kinds', 'model', 'drivers', 'formats')(module)),
    ).toEqual([])
  })

  it.each(['kinds', 'engine', 'formats'])('%s/ takes of system/ only the errors, and types', (folder) => {
    const effect = ({ module, types }: Import) =>
      below('system')(module) && module !== 'system/errors.ts' && !types
    expect(violations(below(folder), effect)).toEqual([])
  })

  it('controller/ takes of system/ only the errors, the tools that commands are counted by, and types', () => {
    const data = new Set(['system/errors.ts', 'system/command-event.ts'])
    const effect = ({ module, types }: Import) => below('system')(module) && !data.has(module) && !types
    expect(violations(below('controller'), effect)).toEqual([])
  })

  it('report/ takes of app/ and controller/ only types, and the fixed sets that label metrics', () => {
    const forbidden = ({ module, types }: Import) =>
      below('app', 'controller', 'system')(module) &&
      !['controller/types.ts', 'system/errors.ts'].includes(module) &&
      !types
    expect(violations(below('report'), forbidden)).toEqual([])
  })

  it('kinds import no drivers and of system/ nothing but the errors', () => {
    const forbidden = ({ module }: Import) =>
      below('drivers')(module) || (below('system')(module) && module !== 'system/errors.ts')
    expect(violations(below('kinds'), forbidden)).toEqual([])
  })

  it('system/ takes types of the engine, never its code', () => {
    expect(violations(below('system'), ({ module, types }) => below('engine')(module) && !types)).toEqual([])
  })

  it('no kind imports another one’s wiring', () => {
    const wiring = new Set(
      SOURCES.map(({ path }) => path).filter((path) => /^kinds\/[^/]+\/index\.ts$/.test(path)),
    )
    const allowed = new Set(['kinds/route/index.ts'])
    const found = violations(
      (path) => below('kinds')(path) && path !== 'kinds/index.ts',
      ({ module }) => wiring.has(module) && !allowed.has(module),
    )
    expect(found).toEqual([])
  })

  it('there are no cycles, not even of types', () => {
    expect(cycles()).toEqual([])
  })
})

/** Each cycle of imports once, as `a -> b -> a`. */
function cycles(): readonly string[] {
  const imports = new Map(SOURCES.map((source) => [source.path, source.imports.map(({ module }) => module)]))
  const found: string[] = []
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(' -> '))
    if (done.has(path) || trail.includes(path)) return
    for (const next of imports.get(path) ?? []) walk(next, [...trail, path])
    done.add(path)
  }
  for (const path of imports.keys()) walk(path, [])
  return found
}

describe('the only doors out', () => {
  const effects = ['execa', 'chokidar', 'fs', 'child_process', 'net', 'timers', 'worker_threads', 'dgram']

  it('programs, files, sockets and watchers are only under system/', () => {
    const forbidden = ({ module }: Import) => effects.some((name) => isModule(module, name))
    expect(violations(outside('system'), forbidden)).toEqual([])
  })

  it('clocks and timers are only under system/', () => {
    const clock = /\b(set(Timeout|Interval|Immediate)\(|Date\.now\(|new Date\(\)|performance\.now\()/
    expect(lines(outside('system'), clock)).toEqual([])
  })

  it('prom-client and node:http are only under report/', () => {
    const forbidden = ({ module }: Import) =>
      isModule(module, 'prom-client') || /^(node:)?https?$/.test(module)
    expect(violations(outside('report'), forbidden)).toEqual([])
  })

  it('`process` is only under cli/; system/ ends the process groups that it made', () => {
    expect(lines(outside('cli'), /(?<![.\w])process\s*\.(?!kill\()/)).toEqual([])
    expect(lines((path) => !/^(cli|system)\//.test(path), /process\.kill/)).toEqual([])
    expect(violations(outside('cli'), ({ module }) => isModule(module, 'process'))).toEqual([])
  })

  it('chance is not in the pipeline', () => {
    expect(lines(outside('system'), /Math\.random\(|randomBytes\(|randomUUID\(/)).toEqual([])
  })
})

function isModule(module: string, name: string): boolean {
  if (isOurs(module)) return false
  return (
    module === name ||
    module === `node:${name}` ||
    module.startsWith(`${name}/`) ||
    module.startsWith(`node:${name}/`)
  )
}

describe('style that the compiler does not see', () => {
  it('no file is above 250 lines', () => {
    const long = SOURCES.map(({ path, text }) => ({ path, length: text.split('\n').length - 1 }))
    expect(long.filter(({ length }) => length > 250)).toEqual([])
  })

  it('no `any`, and no comment that silences the compiler', () => {
    expect(lines(everywhere, /(:|\bas|<|\|)\s*any\b/)).toEqual([])
    const silenced = SOURCES.filter(({ text }) => /@ts-(ignore|expect-error|nocheck)/.test(text)).map(
      ({ path }) => path,
    )
    expect(silenced).toEqual([])
  })

  it('no default exports, enums or namespaces', () => {
    expect(lines(everywhere, /^export default\b|^(export )?(const )?enum\b|^(export )?namespace\b/)).toEqual(
      [],
    )
  })

  it('classes are errors and implementations of System', () => {
    const classes = lines(everywhere, /^(export )?(abstract )?class\b/)
    expect(classes.filter((line) => !/extends Error\b|implements System\b/.test(line))).toEqual([])
  })

  it('file names are kebab-case', () => {
    expect(
      SOURCES.map(({ path }) => path).filter(
        (path) => !/^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(path),
      ),
    ).toEqual([])
  })
})

describe('the registry', () => {
  const folders = readdirSync(join(SRC, 'kinds'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'shared')
    .map(({ name }) => name)

  it('has every folder’s kind, named as the folder', () => {
    const names = KINDS.map(({ name }) => name)
    expect(folders.filter((folder) => !names.includes(folder))).toEqual([])
    // The folder sysctl has two kinds: the host's settings, and those of bridges that must be there first.
    expect(names.filter((name) => !folders.includes(name))).toEqual(['bridge-sysctl'])
  })
})
