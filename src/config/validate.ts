import type { ErrorObject } from 'ajv'
import { choiceFindings, isChoice } from './choices.ts'
import { validate } from './generated/validate-schema.js'
import type { Finding } from './issue.ts'
import { schemaFinding } from './schema-findings.ts'
import type { Config } from './types.ts'

export interface Validated {
  /** Present when every value has the type that it must have, even if some are wrong otherwise. */
  readonly config?: Config
  readonly findings: readonly Finding[]
}

/** Faults that leave every type as it should be, so that meaning can be checked all the same. */
const HARMLESS: ReadonlySet<string> = new Set([
  'additionalProperties',
  'pattern',
  'propertyNames',
  'minimum',
  'maximum',
])

/** Checks the shape of a plain value against the schema; one finding for each thing that a person must change. */
export function validateShape(value: unknown): Validated {
  if (validate(value)) return { config: value, findings: [] }
  const errors = validate.errors ?? []
  const others = errors.filter((error) => !isChoice(error))
  const findings = [
    ...choiceFindings(errors, value),
    ...others.flatMap((error) => schemaFinding(error, value)),
  ]
  return errors.every(isHarmless) && hasShape(value) ? { config: value, findings } : { findings }
}

function isHarmless(error: ErrorObject): boolean {
  return HARMLESS.has(error.keyword)
}

/** With nothing but harmless errors every required key is there, and every value has its type. */
function hasShape(value: unknown): value is Config {
  return typeof value === 'object' && value !== null
}
