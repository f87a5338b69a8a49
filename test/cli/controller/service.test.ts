import { describe, expect, test } from 'vitest'
import { startService } from '../../../src/cli/controller/service.ts'
import type { Controller } from '../../../src/controller/controller.ts'
import type { View } from '../../../src/controller/view.ts'
import type { Source } from '../../../src/report/background.ts'
import { passEvent } from '../../report/events.ts'
import { plan } from '../../report/samples.ts'
import { memoryFeeds } from '../../support/memory-feeds.ts'
import { container, model } from '../../support/model.ts'

const SOURCE: Source = { name: 'network.yaml', locate: () => ({ line: 1, column: 1 }), frames: () => '' }
const DESIRED = {
  model: model({ containers: [container('blog', 2)] }),
  source: SOURCE,
  text: '',
  fault: undefined,
  fromDisk: false,
}

/** The service manager's side of a controller that knows what the test says. */
function stage(watchdog?: string) {
  const feeds = memoryFeeds()
  const told: (readonly string[])[] = []
  let view: View<Source> = { desired: DESIRED, pass: undefined, problems: [], version: 0, stalled: 0 }
  const controller: Controller<Source> = {
    run: async () => undefined,
    hangUp: () => undefined,
    lookAgain: () => undefined,
    progressed: () => undefined,
    view: () => view,
  }
  const notify = async (words: readonly string[]): Promise<void> => void told.push(words)
  const service = startService(controller, { feeds, notify, watchdog, problems: () => [] })
  return {
    service,
    feeds,
    told,
    know: (parts: Partial<View<Source>>) => void (view = { ...view, ...parts }),
  }
}

/** What a pass that found nothing to do leaves behind. */
const PASS = {
  ...passEvent().pass,
  replies: new Map(),
  fresh: new Set<string>(),
  compared: new Map(),
  left: new Set<never>(),
  reads: [],
  phases: {},
}

describe('readiness', () => {
  test('is told at the first look at the host, not at the end of a pass that may take long', () => {
    const { service, told } = stage()
    service.record({ type: 'started', version: '1.2.3' })
    service.record({ type: 'pass-begun', trigger: 'start', wish: { trigger: 'start' }, whole: true })
    service.record({ type: 'command', tool: 'ip', seconds: 1, ok: true })
    expect(told).toEqual([])
    service.record({ type: 'observed', known: true, plan: plan() })
    expect(told).toEqual([['READY=1', 'STATUS=the host was read, the first pass is under way']])
  })

  test('is told of a host that cannot be read, too: a boot does not wait for it', () => {
    const { service, told } = stage()
    service.record({ type: 'observed', known: false, plan: plan() })
    expect(told).toEqual([
      ['READY=1', 'STATUS=the host could not be read whole, the first pass is under way'],
    ])
  })

  test('is told once, by whatever comes first', () => {
    const { service, told, know } = stage()
    know({ pass: PASS })
    service.record(passEvent())
    service.record({ type: 'observed', known: true, plan: plan() })
    service.record(passEvent())
    service.record({ type: 'observed', known: false, plan: plan() })
    expect(told.flat().filter((words) => words === 'READY=1')).toHaveLength(1)
    expect(told).toHaveLength(1)
  })
})

describe('the state', () => {
  test('follows the passes, and is told when it changes', () => {
    const { service, told, know } = stage()
    service.record({ type: 'observed', known: true, plan: plan() })
    know({ pass: PASS })
    service.record(passEvent())
    service.record(passEvent())
    know({ problems: [{ code: 'S64-W001', message: 'the file is not right\nmore' }] })
    service.record(passEvent())
    expect(told.slice(1).map(([words]) => words?.replace(/converged|degraded|drifted/, 'STATE'))).toEqual([
      expect.stringMatching(/^STATUS=STATE; \d of 1 containers present$/),
      'STATUS=STATE: S64-W001 the file is not right',
    ])
  })

  test('is that it ends, when it is told to', () => {
    const { service, told } = stage()
    service.record({ type: 'stopping', signal: 'SIGTERM' })
    expect(told).toEqual([['STOPPING=1', 'STATUS=ending; the data path stays']])
  })
})

describe('the watchdog', () => {
  test('hears three times in its span, while there is progress, until the end', async () => {
    const { service, feeds, told, know } = stage('90000000')
    await feeds.advance(90_000)
    expect(told).toEqual([['WATCHDOG=1'], ['WATCHDOG=1'], ['WATCHDOG=1']])
    know({ stalled: 90_000 })
    await feeds.advance(90_000)
    expect(told).toHaveLength(3)
    know({ stalled: 0 })
    await feeds.advance(30_000)
    expect(told).toHaveLength(4)
    service.end()
    await feeds.advance(90_000)
    expect(told).toHaveLength(4)
  })

  test.each([undefined, '', '0', 'x'])('is not there with WATCHDOG_USEC=%j', async (watchdog) => {
    const { feeds, told } = stage(watchdog)
    await feeds.advance(600_000)
    expect(told).toEqual([])
  })
})
