import type { Lab } from '../lab/lab.ts'
import { argvOf, childrenOf, type RunningController } from './controller-fixtures.ts'

/** The children of a controller that hold the firewall's table: each is an `nft -i`. */
export function holdersOf(controller: RunningController): readonly number[] {
  return childrenOf(controller.pid).filter((pid) => {
    const argv = argvOf(pid)
    return argv.includes('-i') && argv.some((word) => /(^|\/)nft$/.test(word))
  })
}

/** The flags of our table as that nft prints them; `none`, also where there is no table. */
export async function tableFlags(lab: Lab, nft: string): Promise<string> {
  const { stdout } = await lab.run('host', [nft, 'list', 'table', 'inet', 'slash64'])
  return /\n\tflags (.*)\n/.exec(stdout)?.[1] ?? 'none'
}
