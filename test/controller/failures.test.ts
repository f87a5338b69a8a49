import { describe, expect, it } from 'vitest'
import type { SystemError } from '../../src/system/errors.ts'
import { failure } from '../support/recording-system.ts'
import {
  INTERVAL,
  READ,
  dropExposure,
  firewallEvent,
  forget,
  isThere,
  looks,
  outcomes,
  passes,
  problemCodes,
  settled,
} from './support.ts'
import type { Scene } from './support.ts'

const ADDRESS = 'ip addr delete 10.64.0.1/24 dev br-ct'.split(' ')
const FIREWALL = failure('other', 'Could not process rule', 'nft -f')

/** Every change that matches fails from now on; the answer says how often one was tried, and ends it. */
function failing({ host }: Scene, start: string, error?: SystemError) {
  const tries: number[] = []
  let isOver = false
  const run = host.run.bind(host)
  host.run = async (argv, script, settings) => {
    const command = argv.join(' ')
    const at = (script ?? '').split('\n').findIndex((line) => line.startsWith(start))
    if (isOver || (at < 0 && !command.startsWith(start))) return run(argv, script, settings)
    tries.push(host.monotonic())
    // As iproute2 6.1 tells it: what stands before the line is done.
    if (at > 0) await run(argv, (script ?? '').split('\n').slice(0, at).join('\n'), settings)
    throw (
      error ??
      failure(
        'other',
        `RTNETLINK answers: No buffer space available\nCommand failed script:${at + 1}`,
        command,
        1,
      )
    )
  }
  return { tries, end: () => (isOver = true) }
}

async function loseAddress({ host, feeds }: Scene): Promise<void> {
  const [tool, ...words] = ADDRESS
  await host.run([tool ?? '', ...words])
  feeds.line('ip', '[ADDR]Deleted 3: br-ct    inet 10.64.0.1/24 scope global br-ct')
}

function gaps(times: readonly number[]): readonly number[] {
  return times.slice(1).map((time, index) => Math.round(time - (times[index] ?? 0)))
}

describe('a change that fails', () => {
  it('is tried again after 0.1, 0.2, 0.4 s and so on, and stands in the view until it worked', async () => {
    const scene = await settled()
    const { tries, end } = failing(scene, 'addr replace 10.64.0.1/24')
    await loseAddress(scene)
    await scene.feeds.advance(3_110)
    expect(gaps(tries)).toEqual([100, 200, 400, 800, 1_600])
    expect(problemCodes(scene)).toEqual(['S64-A001'])
    expect(passes(scene).every(({ result }) => result === 'error')).toBe(true)
    end()
    await scene.feeds.advance(3_200)
    expect(outcomes(scene).at(-1)).toBe('pass retry whole success')
    expect(problemCodes(scene)).toEqual([])
  })

  it('is not tried at every event, and other drift is healed meanwhile', async () => {
    const scene = await settled()
    const { tries } = failing(scene, 'addr replace 10.64.0.1/24')
    await loseAddress(scene)
    await scene.feeds.advance(6_500)
    const before = tries.length
    for (let time = 0; time < 3; time += 1) {
      await dropExposure(scene)
      await scene.feeds.advance(1_100)
      expect(isThere(scene, 'set exposed6 element')).toBe(true)
    }
    expect(tries.length).toBe(before)
  })

  it('is still known when another one fails, and when that works', async () => {
    const scene = await settled()
    failing(scene, 'addr replace 10.64.0.1/24')
    await loseAddress(scene)
    await scene.feeds.advance(3_500)
    const route = failing(scene, 'route replace 2001:db8:1:1::1:2')
    await scene.host.run(['ip', 'route', 'delete', '2001:db8:1:1::1:2', 'dev', 'br-ct'])
    scene.feeds.line('ip', '[ROUTE]Deleted 2001:db8:1:1::1:2 dev br-ct proto 164')
    await scene.feeds.advance(1_500)
    expect(route.tries.length).toBeGreaterThan(0)
    const resources = scene.controller.view().problems.map(({ resource }) => resource ?? '')
    expect(resources).toContain('address 10.64.0.1/24 dev br-ct')
    expect(resources.some((name) => name.startsWith('route '))).toBe(true)
  })

  it('is tried at once when told to (SIGHUP)', async () => {
    const scene = await settled()
    const { tries, end } = failing(scene, 'addr replace 10.64.0.1/24')
    await loseAddress(scene)
    await scene.feeds.advance(7_500)
    const before = tries.length
    end()
    forget(scene)
    scene.controller.hangUp()
    await scene.feeds.advance(0)
    expect(outcomes(scene)).toEqual(['pass signal whole success'])
    expect(before).toBeGreaterThan(2)
  })

  it('is tried at once when the file changed', async () => {
    const scene = await settled()
    const { tries } = failing(scene, 'addr replace 10.64.0.1/24')
    await loseAddress(scene)
    await scene.feeds.advance(7_500)
    const before = tries.length
    scene.write('blog')
    await scene.feeds.advance(150)
    expect(tries.length).toBeGreaterThan(before)
  })
})

describe('while the firewall fails', () => {
  it('nothing else is made, at no event, until it works', async () => {
    const scene = await settled()
    const { tries, end } = failing(scene, 'nft -f', FIREWALL)
    await dropExposure(scene)
    await scene.feeds.advance(500)
    await loseAddress(scene)
    forget(scene)
    await scene.feeds.advance(10_000)
    expect(tries.length).toBeGreaterThan(3)
    expect(passes(scene).length).toBeGreaterThan(3)
    expect(scene.host.writes).toEqual([])
    end()
    await scene.feeds.advance(INTERVAL)
    expect(scene.host.writes.at(-1)).toMatch(/^ip addr replace 10.64.0.1/)
    expect(scene.controller.view().problems).toEqual([])
  })
})

describe('a bridge that cannot be removed', () => {
  it('stays guarded, and hinders nothing else', async () => {
    const scene = await settled({ text: 'none' })
    const { tries } = failing(scene, 'link delete dev br-ct')
    scene.write('renamed')
    await scene.feeds.advance(14_000)
    expect(tries.length).toBeGreaterThan(5)
    expect(isThere(scene, 'set bridges element "br-ct"')).toBe(true)
    const before = tries.length
    await scene.host.run(['ip', 'addr', 'delete', '10.64.0.1/24', 'dev', 'br-two'])
    scene.feeds.line('ip', '[ADDR]Deleted 4: br-two    inet 10.64.0.1/24 scope global br-two')
    await scene.feeds.advance(1_100)
    expect(isThere(scene, 'address 10.64.0.1/24 dev br-two')).toBe(true)
    expect(tries.length).toBe(before)
    expect(isThere(scene, 'set bridges element "br-ct"')).toBe(true)
  })
})

describe('a host that cannot be read', () => {
  it('is left alone; the next pass reads everything', async () => {
    const scene = await settled()
    scene.host.failNext((command) => command === READ.nft, failure('crashed', 'SIGSEGV', 'nft'))
    await dropExposure(scene)
    scene.host.writes.length = 0
    await scene.feeds.advance(10)
    expect(outcomes(scene)).toEqual(['pass nft part error'])
    expect(scene.host.writes).toEqual([])
    forget(scene)
    firewallEvent(scene)
    await scene.feeds.advance(100)
    expect(outcomes(scene)).toEqual(['pass nft part success', 'pass retry whole noop'])
    expect(looks(scene)).toContain(READ.links)
  })

  it('is read again after 0.1, 0.2, 0.4 s and so on', async () => {
    const scene = await settled()
    const query = scene.host.query.bind(scene.host)
    scene.host.query = async (argv, stdin) => {
      if (argv[0] === 'nft') throw failure('timeout', 'killed', 'nft')
      return query(argv, stdin)
    }
    firewallEvent(scene)
    await scene.feeds.advance(8_000)
    const made = gaps(passes(scene).map(({ at }) => at.getTime()))
    expect(made).toEqual([100, 200, 400, 800, 1_600, 3_200])
  })

  it('is not read without a pause when a change was waiting to be tried again', async () => {
    const scene = await settled()
    failing(scene, 'addr replace 10.64.0.1/24')
    await loseAddress(scene)
    await scene.feeds.advance(1_400)
    forget(scene)
    let reads = 0
    scene.host.query = async () => {
      reads += 1
      // Without an end the test would have none.
      if (reads > 500) scene.stop()
      throw failure('timeout', 'killed', 'ip')
    }
    await scene.feeds.advance(8_000)
    expect(passes(scene).length).toBeLessThan(10)
  })
})
