import { describe, expect, it } from 'vitest'
import { bridgePort } from '../../../src/kinds/bridge-port/index.ts'
import { vethName } from '../../../src/model/identity.ts'
import { EMPTY_MODEL } from '../../../src/model/world.ts'
import { capturedModel, container, model, world } from '../../support/model.ts'
import { commands, keys, onBareHost, onCapture, without } from '../support.ts'

const BLOG = vethName(container('blog', 2).runtime)
const DB = vethName(container('db', 3).runtime)
const PAIRS = [BLOG, DB].map((name) => ({ name, bridge: 'br-ct', ours: true }))
const TAP = { name: 'tap0', bridge: 'br-ct', ours: false }

/** The captured host, with blog alone in the file. */
const ONLY_BLOG = without('db')

describe('bridge-port', () => {
  it('is there before its pair is, in quotes', () => {
    expect(commands(onBareHost(bridgePort))).toEqual([
      `nft add element bridge slash64 ports { "${BLOG}" }`,
      `nft add element bridge slash64 ports { "${DB}" }`,
    ])
  })

  it('is found again', () => {
    const plan = onCapture(bridgePort, world(capturedModel(), { ports: PAIRS }))
    expect(plan).toMatchObject({ early: [], late: [], inSync: 2 })
  })

  it('is whatever others plug in, as long as it is there', () => {
    const plan = onCapture(bridgePort, world(capturedModel(), { ports: [...PAIRS, TAP] }))
    expect(keys(plan)).toEqual(['+ ports tap0'])
  })

  it('of a container that left the file goes late, behind its pair', () => {
    const plan = onCapture(bridgePort, { ...ONLY_BLOG, facts: { ...ONLY_BLOG.facts, ports: PAIRS } })
    expect(plan.early).toEqual([])
    expect(plan.late.map(({ key, needs }) => [key, needs])).toEqual([[`ports ${DB}`, [`veth ${DB}`]]])
  })

  it('of a pair that is never taken away stays guarded, and is guarded again', () => {
    const of = { ...ONLY_BLOG.model, policy: { prune: 'never' } as const }
    expect(keys(onCapture(bridgePort, world(of, { ports: PAIRS })))).toEqual([])
    expect(keys(onBareHost(bridgePort, world(of, { ports: PAIRS })))).toEqual([
      `+ ports ${BLOG}`,
      `+ ports ${DB}`,
    ])
  })

  it('that nobody is plugged into is withdrawn, which no guard on pruning holds back', () => {
    const plan = onCapture(bridgePort, world(model({ containers: [container('blog', 2)] })))
    expect(plan.late).toMatchObject([
      { key: `ports ${DB}`, withdrawn: true, reason: `withdrawn: nothing is plugged in by the name ${DB}` },
    ])
    const plugged = onCapture(bridgePort, { ...ONLY_BLOG, facts: { ...ONLY_BLOG.facts, ports: PAIRS } })
    expect(plugged.late[0]).not.toHaveProperty('withdrawn')
  })

  it('on a bridge that lost its marks stays as it is, whether it stands there or not', () => {
    const taken = {
      ...ONLY_BLOG,
      facts: { ...ONLY_BLOG.facts, ports: [...PAIRS, TAP], takenNetworks: new Set(['br-ct']) },
    }
    expect(keys(onCapture(bridgePort, taken))).toEqual([])
    expect(keys(onBareHost(bridgePort, taken))).toEqual([])
  })

  it('is nobody’s business where frames are not looked at', () => {
    const of = { ...capturedModel(), firewall: { ...capturedModel().firewall, antiSpoof: false } }
    const unable = { firewall: { canPersist: false, canFilterFrames: false } }
    for (const where of [world(of), world(capturedModel(), unable), world(EMPTY_MODEL)]) {
      expect(keys(onBareHost(bridgePort, where))).toEqual([])
      expect(keys(onCapture(bridgePort, where))).toEqual([])
    }
  })
})
