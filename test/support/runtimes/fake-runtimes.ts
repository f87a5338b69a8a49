import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

export interface FakeRuntimes {
  /** A directory with `docker`, `incus`, `lxc-info`, `machinectl`, `podman` and `container` (fake.sh), to be the first in PATH. */
  readonly bin: string
  /** PATH with that directory first. */
  readonly path: string
  /** Ends every container that was started; safe to call twice. */
  readonly end: () => void
}

const TOOLS = ['container', 'docker', 'incus', 'lxc-info', 'machinectl', 'podman']
const SCRIPT = join(process.cwd(), 'test/support/runtimes/fake.sh')

/** Runtimes that are not there, over processes that are: what they know is kept below the directory. */
export function fakeRuntimes(directory: string): FakeRuntimes {
  const bin = join(directory, 'fake-runtimes')
  mkdirSync(bin, { recursive: true })
  for (const tool of TOOLS) symlinkSync(SCRIPT, join(bin, tool))
  return {
    bin,
    path: `${bin}:${process.env['PATH'] ?? ''}`,
    end: () => void execFileSync(join(bin, 'container'), ['end'], { stdio: ['ignore', 'ignore', 'pipe'] }),
  }
}
