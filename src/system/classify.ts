import type { Argv } from '../engine/types.ts'
import type { SystemErrorCode, SystemErrorDetails } from './errors.ts'
import type { Evidence } from './process-group.ts'

/** What execa tells about a command that failed, as far as it is needed here. */
export interface FailedCommand {
  readonly stderr?: unknown
  readonly stdout?: unknown
  readonly code?: string | undefined
  readonly exitCode?: number | undefined
  readonly signal?: string | undefined
  readonly isMaxBuffer?: boolean | undefined
  /** It was given up, and killed: what was seen of it. */
  readonly evidence?: Evidence | undefined
}

/** The words of iproute2, nftables and conntrack (LC_ALL=C) that tell the classes apart; the first match counts. */
const WORDS: readonly (readonly [RegExp, SystemErrorCode])[] = [
  [/Operation not permitted|Permission denied|must be root/i, 'denied'],
  [/Read-only file system/i, 'read-only'],
  [/File exists|already assigned/i, 'exists'],
  [
    /No such file or directory|Directory nonexistent|Cannot find device|does not exist|No such device|0 flow entries have been|such conntrack doesn't exist/i,
    'not-found',
  ],
]

/** Which class of failure a command's end is, decided here once and nowhere by its text again. */
export function classify(argv: Argv, failed: FailedCommand, path: string): SystemErrorDetails {
  const subject = argv.join(' ')
  const stderr = typeof failed.stderr === 'string' ? failed.stderr.trim() : ''
  if (failed.code === 'ENOENT') return { code: 'missing-tool', subject, detail: path }
  if (failed.code === 'EACCES') return { code: 'denied', subject, detail: 'the program may not be run' }
  if (failed.evidence !== undefined) return givenUp(subject, failed.evidence)
  if (failed.isMaxBuffer === true)
    return { code: 'garbled', subject, detail: 'printed more than can be read' }
  // A shell or sudo around a program turns signal N into exit code 128 + N: nft's segmentation fault is 139.
  const exitCode = failed.exitCode
  if (failed.signal !== undefined) return { code: 'crashed', subject, detail: `ended by ${failed.signal}` }
  if (exitCode === 139 || exitCode === 134)
    return { code: 'crashed', subject, detail: `ended by signal ${exitCode - 128}` }
  if (exitCode === 127 && /^nsenter: failed to execute \S+: No such file/m.test(stderr))
    return { code: 'missing-tool', subject, detail: path }
  // The program itself could not be run: what its loader says is about its libraries, not about the host.
  if (exitCode === 126 || exitCode === 127 || /error while loading shared libraries/.test(stderr))
    return { code: 'crashed', subject, detail: stderr || `exit code ${exitCode}` }
  const code = WORDS.find(([words]) => words.test(stderr))?.[1] ?? 'other'
  const detail = stderr || failed.code || `exit code ${exitCode ?? 'unknown'}`
  return { code, subject, detail, ...(exitCode === undefined ? {} : { exitCode }) }
}

function givenUp(subject: string, { short, lines }: Evidence): SystemErrorDetails {
  const seen = short === '' ? '' : ` (${short})`
  return { code: 'timeout', subject, detail: `did not end in time and was killed${seen}`, evidence: lines }
}
