import type { HaproxyStep } from '../../engine/types.ts'
import { backendsText, mapText, parseMapFile, parseSections } from '../../formats/haproxy.ts'
import { SystemError } from '../../system/errors.ts'
import type { System } from '../../system/port.ts'

/** The files of one generation, by name. */
export type Files = Readonly<Record<FileName, string>>
export type FileName = (typeof FILE_NAMES)[number]
export const FILE_NAMES = ['haproxy.cfg', 'backends.cfg', 'http.map', 'tls.map'] as const

/** `next`: not yet checked. `good`: the last ones that came up. */
export type Shelf = '' | 'next/' | 'good/'

export function fileAt(system: System, name: string, shelf: Shelf = ''): string {
  return `${system.places.stateDir}/proxy/${shelf}${name}`
}

/** What stands on a shelf; a file that is not there is empty. */
export async function readFiles(system: System, shelf: Shelf = ''): Promise<Files> {
  const texts = await Promise.all(
    FILE_NAMES.map(async (name) => [name, await readOrEmpty(fileAt(system, name, shelf), system)]),
  )
  return Object.fromEntries(texts)
}

async function readOrEmpty(path: string, system: System): Promise<string> {
  try {
    return await system.readFile(path)
  } catch (error) {
    if (error instanceof SystemError && error.code === 'not-found') return ''
    throw error
  }
}

/** Writes what differs from what stands there. */
export async function writeFiles(files: Files, system: System, shelf: Shelf = ''): Promise<void> {
  const before = await readFiles(system, shelf)
  for (const name of FILE_NAMES) {
    // An empty map must be there too: the configuration names it.
    const isMissing = files[name] === '' && before[name] === ''
    if (files[name] !== before[name] || isMissing)
      await system.writeFile(fileAt(system, name, shelf), files[name])
  }
}

/**
 * The files with all steps done. They are made from what stands there and not from the wish: what a guard holds back
 * from being removed stays.
 */
export function editedFiles(files: Files, steps: readonly HaproxyStep[]): Files {
  const load = steps.findLast((step) => step.op === 'load')
  const base = load?.text ?? files['haproxy.cfg']
  const sections = new Map(parseSections(files['backends.cfg']))
  for (const step of steps) {
    if (step.op !== 'backend') continue
    if (step.text === undefined) sections.delete(step.name)
    else sections.set(step.name, step.text)
  }
  return {
    'haproxy.cfg': base,
    'backends.cfg': backendsText(base, sections),
    'http.map': editedMap('http.map', files, steps),
    'tls.map': editedMap('tls.map', files, steps),
  }
}

function editedMap(map: 'http.map' | 'tls.map', files: Files, steps: readonly HaproxyStep[]): string {
  // Reversed, so that of a key that stands there twice the first one stays, which is the one that counts.
  const lines = parseMapFile(files[map]).toReversed()
  const entries = new Map(lines.map(({ key, value }) => [key, value]))
  for (const step of steps) {
    if (step.op !== 'entry' || step.map !== map) continue
    if (step.to === undefined) entries.delete(step.host)
    else entries.set(step.host, step.to)
  }
  return mapText(entries)
}
