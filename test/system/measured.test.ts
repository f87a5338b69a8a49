import { describe, expect, it } from 'vitest'
import type { CommandEvent } from '../../src/system/command-event.ts'
import { SystemError } from '../../src/system/errors.ts'
import { measured } from '../../src/system/measured.ts'
import { memoryHost } from '../../src/system/memory/seed.ts'
import type { System } from '../../src/system/port.ts'
import { failure, recordingSystem } from '../support/recording-system.ts'
import type { Answers } from '../support/recording-system.ts'

/** A System each of whose answers takes a second and a half, and what was told about them. */
function slow(answers: Answers = {}): { readonly system: System; readonly told: CommandEvent[] } {
  let time = 0
  const wait = (): void => void (time += 1500)
  const inner = recordingSystem({
    ...answers,
    query: (command, stdin) => {
      wait()
      return answers.query?.(command, stdin) ?? `${command} said ${stdin}`
    },
    run: (call) => {
      wait()
      answers.run?.(call)
    },
    exchange: (to, request) => {
      wait()
      return answers.exchange?.(to, request) ?? `${to} said ${request}`
    },
  })
  const told: CommandEvent[] = []
  return { system: measured({ ...inner, monotonic: () => time }, (event) => told.push(event)), told }
}

describe('measured', () => {
  it.each([
    ['ip', 'ip'],
    ['nft', 'nft'],
    ['conntrack', 'conntrack'],
    ['haproxy', 'haproxy'],
    ['ss', 'other'],
    ['ipx', 'other'],
  ] as const)('%s is counted as %s, read or run', async (command, tool) => {
    const { system, told } = slow()
    expect(await system.query([command, 'show'], { stdin: 'in' })).toBe(`${command} show said in`)
    await system.run([command, 'do'], 'script')
    const event = { type: 'command', tool, seconds: 1.5, ok: true }
    expect(told).toEqual([event, event])
  })

  it('what is said over a socket is said to haproxy', async () => {
    const { system, told } = slow()
    expect(await system.exchange({ address: '::1', port: 80 }, 'x')).toBe('::1 port 80 said x')
    expect(told).toEqual([{ type: 'command', tool: 'haproxy', seconds: 1.5, ok: true }])
  })

  it('"no" is an answer to whether nft could do something', async () => {
    const error = failure('other', 'syntax error')
    const { system, told } = slow({
      query: () => {
        throw error
      },
    })
    await expect(system.query(['nft', '-c', 'add table inet x'])).rejects.toBe(error)
    expect(told).toMatchObject([{ tool: 'nft', ok: true }])
  })

  it('a failure is told and passed on as it is', async () => {
    const error = failure('timeout', 'late')
    const fail = (): never => {
      throw error
    }
    const { system, told } = slow({ query: fail, run: fail, exchange: fail })
    await expect(system.query(['nft'])).rejects.toBe(error)
    await expect(system.run(['ip'])).rejects.toBe(error)
    await expect(system.exchange('/s', 'x')).rejects.toBe(error)
    expect(told.map(({ tool, ok, seconds }) => [tool, ok, seconds])).toEqual([
      ['nft', false, 1.5],
      ['ip', false, 1.5],
      ['haproxy', false, 1.5],
    ])
  })

  it('what was seen of a program that was killed is told with it', async () => {
    const evidence = ['nft, process 7: state D, waits in nfnl_lock']
    const { system, told } = slow({
      query: () => {
        throw new SystemError({ code: 'timeout', subject: 'nft -j list', detail: 'killed', evidence })
      },
    })
    await expect(system.query(['nft', '-j', 'list'])).rejects.toMatchObject({ evidence })
    expect(told).toEqual([
      { type: 'command', tool: 'nft', seconds: 1.5, ok: false, command: 'nft -j list', evidence },
    ])
  })

  it('that something is not there is the answer of a read, and the failure of a change', async () => {
    const fail = (): never => {
      throw failure('not-found', 'No such file or directory')
    }
    const { system, told } = slow({ query: fail, run: fail, exchange: fail })
    await expect(system.query(['nft'])).rejects.toMatchObject({ code: 'not-found' })
    await expect(system.exchange('/s', 'x')).rejects.toMatchObject({ code: 'not-found' })
    await expect(system.run(['nft'])).rejects.toMatchObject({ code: 'not-found' })
    expect(told.map(({ ok }) => ok)).toEqual([true, true, false])
  })

  it('tells with each what it was given to tell', async () => {
    const told: CommandEvent[] = []
    const system = measured(memoryHost(), (event) => told.push(event), { background: true })
    await system.query(['ip', '-j', 'link', 'show'])
    expect(told).toMatchObject([{ tool: 'ip', ok: true, background: true }])
  })

  it('tells nothing of files, settings, locks and time, which pass through', async () => {
    const host = memoryHost()
    const told: CommandEvent[] = []
    const system = measured(host, (event) => told.push(event))
    await system.makeDirectory('/d', 0o755)
    await system.writeFile('/d/f', 'text')
    expect(await system.readFile('/d/f')).toBe('text')
    await system.removeFile('/d/f')
    await system.removeTree('/d')
    await system.writeSysctl('net/ipv4/ip_forward', '1')
    expect(await system.readSysctl('net/ipv4/ip_forward')).toBe('1')
    await (await system.lock()).release()
    const [begun, date] = [system.monotonic(), system.now()]
    await system.pause(250)
    expect(system.monotonic() - begun).toBe(250)
    expect(system.now().getTime() - date.getTime()).toBe(250)
    expect(system.places).toBe(host.places)
    expect(told).toEqual([])
    expect(host.writes).toEqual([
      'mkdir /d',
      'write /d/f',
      'remove /d/f',
      'remove-tree /d',
      'sysctl net/ipv4/ip_forward=1',
    ])
  })
})
