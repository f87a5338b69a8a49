import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import type { Result } from '../lab/process.ts'
import { container, expectExit, networkYaml, plan, reconcile } from './fixtures.ts'

let lab: Lab

beforeEach(async () => {
  lab = await createLab({ containers: ['blog'] })
  await reconcile(lab, networkYaml({ containers: { blog: container(lab, 'blog', 2) } }))
})
afterEach(async () => lab.destroy())

/** Runs the program on a terminal of its own (no word has a blank); stdout has all that the terminal showed. */
async function onTerminal(args: readonly string[], input: string): Promise<Result> {
  const wrap = ['sh', '-c', 'exec script -qec "$*" /dev/null', 'sh']
  return lab.slash64(args, { wrap, input })
}

describe('teardown on a terminal', () => {
  it('asks, and removes what it showed when the answer is yes', async () => {
    const result = await onTerminal(['teardown'], 'yes\n')
    expectExit(result, 0)
    expect(result.stdout).toMatch(/Remove what is listed \(\d+ changes\)\? \[y\/N\]/)
    expect(result.stdout).toContain('nothing of ours is left')
    expect(result.stdout).not.toMatch(/warning|experimental|--trace/i)
    expect(await lab.must('host', ['nft', 'list', 'tables'])).toBe('')
  })

  it.each(['n\n', '\n', '\u0004'])('removes nothing when the answer is %j', async (answer) => {
    const result = await onTerminal(['teardown'], answer)
    expectExit(result, 4)
    expect(result.stdout).toContain('nothing was removed')
    expect((await plan(lab)).hasChanges).toBe(false)
  })
})
