import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SystemError } from '../../src/system/errors.ts'
import { systemdNotifier } from '../../src/system/notify.ts'
import { eventually } from './eventually.ts'

const path = process.env['PATH']
let folder = ''
let manager: ChildProcess | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slash64-notify-'))
})
afterEach(() => {
  manager?.kill('SIGKILL')
  manager = undefined
  rmSync(folder, { recursive: true })
})

/**
 * A service manager that writes down what it is told. It must throw the descriptors away that come along, for their
 * closing is how systemd-notify learns that it was heard.
 */
async function listening(): Promise<{ readonly socket: string; readonly heard: () => string }> {
  const [socket, file] = [join(folder, 'notify'), join(folder, 'heard')]
  writeFileSync(file, '')
  const activate = ['--datagram', '-l', socket, 'sh', '-c', `exec cat <&3 >>${file}`]
  manager = spawn('systemd-socket-activate', activate, { stdio: 'ignore' })
  await eventually(() => existsSync(socket), 'the socket')
  return { socket, heard: () => readFileSync(file, 'utf8') }
}

/** Instead of the real systemd-notify. */
function stub(body: string): string {
  writeFileSync(join(folder, 'systemd-notify'), `#!/bin/sh\n${body}\n`)
  chmodSync(join(folder, 'systemd-notify'), 0o755)
  return `${folder}:${path}`
}

describe('systemdNotifier', () => {
  it('tells the words over a datagram socket', async () => {
    const { socket, heard } = await listening()
    const failures: SystemError[] = []
    const notify = systemdNotifier({ socket, path, failed: (error) => failures.push(error) })
    await notify(['--ready', '--status=converged; 3 containers'])
    await notify(['WATCHDOG=1'])
    await eventually(() => heard().includes('WATCHDOG=1'), 'both')
    expect(heard()).toContain('READY=1')
    expect(heard()).toContain('STATUS=converged; 3 containers')
    expect(failures).toEqual([])
  })

  it('keeps the order of calls that do not wait for each other', async () => {
    const said = join(folder, 'said')
    const late = stub(`[ "$1" = first ] && sleep 0.2; echo "$1 $NOTIFY_SOCKET" >>${said}`)
    const notify = systemdNotifier({ socket: '/s', path: late })
    await Promise.all([notify(['first']), notify(['second'])])
    expect(readFileSync(said, 'utf8')).toBe('first /s\nsecond /s\n')
  })

  it.each([undefined, ''])('does nothing where there is no service manager (%j)', async (socket) => {
    const failures: SystemError[] = []
    const notify = systemdNotifier({ socket, path: stub('exit 1'), failed: (error) => failures.push(error) })
    await notify(['--ready'])
    expect(failures).toEqual([])
  })

  it('never rejects; the first failure is told, and no other', async () => {
    const failures: SystemError[] = []
    const failed = (error: SystemError): void => void failures.push(error)
    const notify = systemdNotifier({ socket: '/nowhere', path: stub('echo no >&2; exit 1'), failed })
    await notify(['--ready'])
    await notify(['WATCHDOG=1'])
    expect(failures).toMatchObject([
      { code: 'other', subject: 'systemd-notify --ready --no-block', detail: 'no' },
    ])
    await systemdNotifier({ socket: '/nowhere', path: stub('exit 1') })(['--ready'])
  })

  it('a missing program is such a failure', async () => {
    const failures: SystemError[] = []
    await systemdNotifier({ socket: '/s', path: '/nowhere', failed: (error) => failures.push(error) })(['x'])
    expect(failures).toMatchObject([{ code: 'missing-tool' }])
  })

  it('one that hangs is killed after five seconds, or some more on a busy machine', async () => {
    const failures: SystemError[] = []
    const hangs = stub(`sleep 601.${process.pid} & sleep 600`)
    await systemdNotifier({ socket: '/s', path: hangs, failed: (error) => failures.push(error) })(['x'])
    expect(failures).toMatchObject([{ code: 'timeout' }])
    expect(spawnSync('pgrep', ['-f', `^sleep 601.${process.pid}$`], { encoding: 'utf8' }).stdout).toBe('')
  })
})
