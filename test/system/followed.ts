import { afterEach } from 'vitest'
import type { Argv } from '../../src/engine/types.ts'
import type { SystemError } from '../../src/system/errors.ts'
import type { Condition } from '../../src/system/feeds.ts'
import { nodeFeeds } from '../../src/system/node-feeds.ts'

export interface Followed {
  readonly lines: string[]
  readonly complaints: string[]
  readonly ends: SystemError[]
  readonly stop: () => void
  readonly kill: () => void
  readonly look: () => Promise<Condition>
}

const running: Followed[] = []
afterEach(() => {
  for (const one of running.splice(0)) one.stop()
})

/** Follows a program until the test ends, and writes down what it tells. */
export function followed(argv: Argv, path = process.env['PATH']): Followed {
  const [lines, complaints, ends]: [string[], string[], SystemError[]] = [[], [], []]
  const { stop, kill, look } = nodeFeeds({ path }).follow(argv, {
    line: (text) => lines.push(text),
    complaint: (text) => complaints.push(text),
    end: (error) => ends.push(error),
  })
  const one = { lines, complaints, ends, stop, kill, look }
  running.push(one)
  return one
}
