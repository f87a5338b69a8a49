import { describe, expect, it } from 'vitest'
import { nftDriver, renderTransaction } from '../../src/drivers/nft.ts'
import type { NftStep } from '../../src/engine/types.ts'
import { failure, recordingSystem } from '../support/recording-system.ts'

function statement(rank: 'table' | 'flush' | 'delete' | 'declare' | 'rule' | 'drop', text: string): NftStep {
  return { tool: 'nft', rank, statement: text }
}

function element(rank: 'add' | 'remove', set: string, text: string): NftStep {
  return { tool: 'nft', rank, set: `inet slash64 ${set}`, element: text }
}

function lines(...steps: readonly NftStep[]): readonly string[] {
  return renderTransaction(steps).trimEnd().split('\n')
}

describe('the text of a transaction', () => {
  it('sorts by rank, whatever the order of the steps: nothing is used before it is there', () => {
    const steps = [
      statement('drop', 'drop'),
      statement('rule', 'rule'),
      element('add', 's', '1'),
      statement('declare', 'declare'),
      statement('delete', 'delete'),
      element('remove', 's', '2'),
      statement('flush', 'flush'),
      statement('table', 'table'),
    ]
    const expected = [
      'table',
      'flush',
      'delete element inet slash64 s { 2 }',
      'delete',
      'declare',
      'add element inet slash64 s { 1 }',
      'rule',
      'drop',
    ]
    expect(lines(...steps)).toEqual(expected)
    expect(lines(...steps.toReversed())).toEqual(expected)
  })

  it('joins the elements of one set into one statement, and keeps sets apart', () => {
    const steps = [
      element('add', 'a', '1'),
      element('add', 'b', '2'),
      element('add', 'a', '3'),
      element('remove', 'a', '4'),
    ]
    expect(lines(...steps)).toEqual([
      'delete element inet slash64 a { 4 }',
      'add element inet slash64 a { 1, 3 }',
      'add element inet slash64 b { 2 }',
    ])
  })

  it('removes elements before it adds them: a changed map entry is both', () => {
    expect(lines(element('add', 'm', '6 . 22 : 10.0.0.2'), element('remove', 'm', '6 . 22'))).toEqual([
      'delete element inet slash64 m { 6 . 22 }',
      'add element inet slash64 m { 6 . 22 : 10.0.0.2 }',
    ])
  })

  it('says a statement once, but keeps two identical rules and the order of rules', () => {
    const flush = statement('flush', 'flush chain inet slash64 guard')
    expect(lines(flush, flush)).toHaveLength(1)
    const rules = ['b', 'a', 'b'].map((text) => statement('rule', text))
    expect(lines(...rules)).toEqual(['b', 'a', 'b'])
  })

  it('ends with a newline, as nft -f wants its last statement ended', () => {
    expect(renderTransaction([statement('table', 'add table inet slash64')])).toBe('add table inet slash64\n')
  })
})

describe('nftDriver', () => {
  const steps = [statement('table', 'add table inet slash64'), element('add', 's', '1')]

  it('gives all steps to one process', async () => {
    const system = recordingSystem()
    expect(await nftDriver(steps, system)).toEqual({ done: 2 })
    expect(system.calls).toEqual([{ command: 'nft -f', script: renderTransaction(steps) }])
  })

  it('what the script was called is not told: the same failure has the same words', async () => {
    const say = async (file: string) => {
      const detail = `${file}:2:1-9: Error: no such chain\nadd rule x\n${file}:3:1-9: Error: syntax error`
      const run = () => {
        throw failure('not-found', detail, `nft -f ${file}`, 1)
      }
      return (await nftDriver(steps, recordingSystem({ run }))).error
    }
    const error = await say('/run/my dir/tx-1')
    expect(error?.message).toBe(
      'nft -f: line 2:1-9: Error: no such chain\nadd rule x\nline 3:1-9: Error: syntax error',
    )
    expect(error).toEqual(await say('/run/my dir/tx-2'))
    expect(error).toMatchObject({ code: 'not-found', exitCode: 1 })
  })

  it('a refused transaction did nothing at all', async () => {
    const error = failure('other', 'Error: Could not process rule: Device or resource busy', 'nft -f', 1)
    const system = recordingSystem({
      run: () => {
        throw error
      },
    })
    expect(await nftDriver(steps, system)).toEqual({ done: 0, error })
  })
})
