import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = join(process.cwd(), 'node_modules/.slash64/nft-1.1')

/** nft 1.1.3, which .ci/setup brings where it can. */
export interface NewerNft {
  readonly nft: string
  /** An environment in which it is the first to be found. */
  readonly env: Readonly<Record<string, string>>
}

/** Why the tests that need it cannot be made here; undefined: they can. */
function lacking(): string | undefined {
  try {
    execFileSync(join(FOLDER, 'nft'), ['-c', 'add table inet probe { flags owner, persist; }'], {
      stdio: 'pipe',
    })
    return undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return `here that fails: ${String(error)}`
    return `there is none: ${whyNone()}`
  }
}

function whyNone(): string {
  try {
    return readFileSync(join(FOLDER, 'cannot'), 'utf8').trim()
  } catch {
    return 'sh .ci/newer-nft has not been run'
  }
}

const LACK = lacking()

/** For `describe.each`: nft 1.1 where it and the kernel (6.9) can give a table an owner, else nothing. */
export const NEWER_NFT: readonly NewerNft[] =
  LACK === undefined
    ? [{ nft: join(FOLDER, 'nft'), env: { PATH: `${FOLDER}:${process.env['PATH'] ?? ''}` } }]
    : []

/** For `it.each`: what is not shown where there is none, and why; it says so aloud. */
export function notShown(what: string): readonly string[] {
  if (LACK === undefined) return []
  const text = `${what}: it needs nft 1.1 and kernel 6.9; ${LACK}`
  console.warn(`NOT SHOWN HERE: ${text}`)
  return [text]
}
