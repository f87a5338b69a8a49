import { notModelled, usageError } from './fail.ts'
import { applyNft } from './nft-statements.ts'
import { listNft } from './nft-json.ts'
import { syntaxError } from './nft-words.ts'
import type { World } from './state.ts'

/** Runs one `nft ...` command; with `-f`, its statements are in `script`. Returns stdout. */
export function runNft(
  world: World,
  args: readonly string[],
  script: string | undefined,
  before: (change: string) => void,
): string {
  // 1.0.6 knows no `persist`; nothing else is checked.
  if (args[0] === '-c' && args[1]?.includes('persist'))
    throw syntaxError('comma, expecting newline or semicolon')
  if (args[0] === '-c') return ''
  const at = args.findIndex((arg) => !/^-[jnsa]+$/.test(arg))
  const rest = at < 0 ? [] : args.slice(at)
  const [first] = rest
  const words = rest.join(' ').split(/\s+/)
  if (words[0] === 'list') {
    if (!args.slice(0, at).some((arg) => arg.includes('j'))) throw notModelled('text output of nft; use -j')
    return listNft(world.tables, words.slice(1))
  }
  if (first === undefined || (first.startsWith('-') && first !== '-f')) {
    throw usageError(`nft: unrecognized option '${first ?? ''}'`, 1)
  }
  const statements = first === '-f' ? (script ?? '') : rest.join(' ')
  world.tables = applyNft(world.tables, statements, (statement) => before(`nft ${statement}`))
  return ''
}
