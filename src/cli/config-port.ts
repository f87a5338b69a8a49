import type { Issue, PlacedFault } from '../config/issue.ts'
import type { Loaded } from '../config/load.ts'
import type { ConfigError } from '../report/plan-json.ts'
import type { Paint } from '../text/paint.ts'

/** What the commands need of `config/`; loaded late, because the schema's validator is large. */
export interface ConfigPort {
  loadConfig(text: string, file: string): Loaded
  formatIssues(issues: readonly PlacedFault[], text: string, file: string, paint?: Paint): string
  issuesToJson(issues: readonly Issue[], file: string): readonly ConfigError[]
}
