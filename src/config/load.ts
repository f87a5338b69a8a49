import type { Document } from 'yaml'
import { checkMeaning } from '../model/checks.ts'
import { normalise } from '../model/normalise.ts'
import { createScope } from '../model/scope.ts'
import type { Path } from '../model/path.ts'
import type { Model } from '../model/types.ts'
import { compose } from './compose.ts'
import type { Fault, Finding, Issue, Place } from './issue.ts'
import { locator, positioner } from './locate.ts'
import type { Locator } from './locate.ts'
import { textFaults } from './text-faults.ts'
import { toPlain } from './to-plain.ts'
import type { Config } from './types.ts'
import { validateShape } from './validate.ts'

export type Loaded =
  | { readonly ok: true; readonly config: Config; readonly model: Model; readonly locate: Locate }
  | { readonly ok: false; readonly issues: readonly Issue[] }

/** Where the file says something; of what it does not say, the nearest place above it. */
export type Locate = (path: Path) => Place

const BOM = '\ufeff'

/**
 * Reads the text of a network.yaml: the whole Model, or every issue in order of its place. Pure, never throws, and
 * takes no more than about a second for the largest text (1 MiB). A byte order mark and CRLF are accepted.
 */
export function loadConfig(text: string, _file: string): Loaded {
  const body = withoutBom(text)
  const faults = textFaults(body)
  return faults.length > 0 ? refused(faults, body) : loadText(body)
}

/** The text that positions are counted in. */
export function withoutBom(text: string): string {
  return text.startsWith(BOM) ? text.slice(BOM.length) : text
}

function loadText(text: string): Loaded {
  const composed = compose(text)
  if (!composed.ok) return refused(composed.faults, text)
  const faults: Fault[] = []
  const { contents } = composed.document
  const { config, findings } = validateShape(toPlain(contents, faults))
  const scope = config && createScope(config)
  const meaning = scope === undefined ? [] : checkMeaning(scope)
  const isFaultless = faults.length + findings.length + meaning.length === 0
  if (config !== undefined && scope !== undefined && isFaultless)
    return { ok: true, config, model: normalise(scope), locate: placeFinder(composed.document, text) }
  return refused(allFaults(faults, findings, meaning, locator(contents)), text)
}

/** Tables of the text are built when the first place is asked for: most runs ask for none. */
function placeFinder({ contents }: Document.Parsed, text: string): Locate {
  let find: Locate | undefined
  return (path) => {
    if (find === undefined) {
      const [toSpan, toPlace] = [locator(contents), positioner(text)]
      find = (one) => toPlace(toSpan(one))
    }
    return find(path)
  }
}

/** Each stage adds only places that the stages before are silent about: the first fault of a place is its cause. */
function allFaults(
  faults: readonly Fault[],
  findings: readonly Finding[],
  meaning: readonly Finding[],
  locate: Locator,
): readonly Fault[] {
  const faultOf = ({ path, at, ...rest }: Finding): Fault => ({ ...rest, ...locate(path, at) })
  const shape = unlessTold(findings.map(faultOf), faults)
  return [...faults, ...shape, ...unlessTold(meaning.map(faultOf), [...faults, ...shape])]
}

function unlessTold(later: readonly Fault[], earlier: readonly Fault[]): readonly Fault[] {
  const told = new Set(earlier.map(({ start }) => start))
  return later.filter(({ start }) => !told.has(start))
}

function refused(faults: readonly Fault[], text: string): Loaded {
  const place = positioner(text)
  const sorted = faults.toSorted((one, other) => one.start - other.start)
  return {
    ok: false,
    issues: sorted.map(({ start, end, ...rest }) => ({ ...rest, ...place({ start, end }) })),
  }
}
