import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { eventually, mustRun, runCommand } from '../lab/process.ts'

/** What keeps a directory from taking a file, and is over again. */
export interface Trouble {
  readonly name: string
  readonly begin: (directory: string) => Promise<void>
  readonly end: (directory: string) => Promise<void>
}

function mounted(name: string, options: string, more: (directory: string) => Promise<unknown>): Trouble {
  return {
    name,
    begin: async (directory) => {
      mkdirSync(directory, { recursive: true })
      await mustRun(['mount', '-t', 'tmpfs', '-o', options, 'slash64-test', directory])
      await more(directory)
    },
    // A pass may try it at this very moment.
    end: async (directory) => {
      const isFree = async () => (await runCommand(['umount', '-l', directory])).exitCode === 0
      if (!(await eventually(isFree))) throw new Error(`${directory} stays mounted`)
    },
  }
}

export const FULL = mounted('full', 'size=4k,mode=700', async (directory) =>
  runCommand(['dd', 'if=/dev/zero', `of=${directory}/full`, 'bs=4k', 'count=2']),
)

const IN_THE_WAY: Trouble = {
  name: 'a file',
  begin: async (directory) => {
    mkdirSync(directory, { recursive: true })
    renameSync(directory, `${directory}.away`)
    writeFileSync(directory, '')
  },
  end: async (directory) => {
    rmSync(directory)
    renameSync(`${directory}.away`, directory)
  },
}

export const TROUBLES: readonly Trouble[] = [
  FULL,
  mounted('without an inode', 'nr_inodes=1,mode=700', async () => undefined),
  mounted('read-only', 'size=1m,mode=700', async (directory) => {
    // A pass may have a script open there at this very moment.
    const isTaken = async () => (await runCommand(['mount', '-o', 'remount,ro', directory])).exitCode === 0
    if (!(await eventually(isTaken))) throw new Error(`${directory} stays writable`)
  }),
  IN_THE_WAY,
]

/** Directories of scripts that are elsewhere than in the run directory. */
export function leftElsewhere(...parents: readonly string[]): readonly string[] {
  return parents.flatMap((parent) => readdirSync(parent).filter((name) => name.startsWith('slash64-tx-')))
}
