import { describe, expect, it } from 'vitest'
import { CATALOGUE } from '../../../src/facts/catalogue.ts'
import { readFacts } from '../../../src/facts/facts.ts'
import { ABSENT, capturedReplies, replies } from '../../support/captures.ts'
import { capturedModel, container, model, PLACES } from '../../support/model.ts'
import { failure } from '../../support/recording-system.ts'

describe('facts about the host', () => {
  it('reads the upstream interface and its addresses, link-local ones left out', () => {
    expect(readFacts(capturedModel(), capturedReplies(), PLACES).upstream).toEqual({
      name: 'eth0',
      present: true,
      up: true,
      ipv4: ['203.0.113.2'],
      ipv6: ['2001:db8:1:1::2'],
      publicIpv6: ['2001:db8:1:1::2'],
    })
  })

  it('knows whose addresses stand on links that are not ours', () => {
    const { foreignAddresses } = readFacts(capturedModel(), capturedReplies(), PLACES)
    expect(foreignAddresses.get('172.20.0.1')).toBe('br0')
    expect(foreignAddresses.has('10.64.0.1')).toBe(false)
  })

  it('tells running, absent, unknown and managed containers apart', () => {
    const none = container('none', 9, { runtime: { type: 'none', name: 'none', interface: 'eth0' } })
    const gone = container('gone', 8)
    const of = model({ containers: [...capturedModel().containers, none, gone] })
    const facts = readFacts(
      of,
      capturedReplies({ 'inside gone': ABSENT, 'inside db': { error: failure('timeout') } }),
      PLACES,
    )
    const states = [...facts.containers].map(([name, { state }]) => [name, state])
    expect(Object.fromEntries(states)).toEqual({
      blog: 'running',
      db: 'unknown',
      none: 'managed',
      gone: 'absent',
    })
    expect(facts.containers.get('blog')).toMatchObject({
      ipv4: ['10.64.0.2'],
      interface: 'eth0',
      mac: '02:aa:00:00:00:01',
    })
  })

  it('a truncated inside is unknown and told, not a container without addresses; the others are none the worse', () => {
    const cut = capturedReplies({ 'inside blog': '0\n0\n[]\n' })
    const { world, problems, plans } = CATALOGUE.world(capturedModel(), cut, PLACES)
    expect(world.facts.containers.get('blog')?.state).toBe('unknown')
    expect(problems.filter(({ code }) => code === 'S64-H006').map(({ message }) => message)).toEqual([
      expect.stringMatching(/^container blog: /),
    ])
    expect(plans).toBe('everything')
  })

  it('without the upstream interface nothing is planned, and the message names those that exist', () => {
    const { plans, problems } = CATALOGUE.world(
      model({ upstream: { interface: 'ens3' }, containers: [container('blog', 2)] }),
      capturedReplies(),
      PLACES,
    )
    expect(plans).toBe('firewall')
    expect(problems[0]).toMatchObject({ code: 'S64-H010', message: expect.stringContaining('ens3') })
    expect(problems[0]?.hint).toContain('eth0')
  })

  it('without any public IPv4 the rest is still planned', () => {
    const of = model({ upstream: { interface: 'v0' }, containers: [container('blog', 2)] })
    const { plans, problems } = CATALOGUE.world(of, capturedReplies(), PLACES)
    expect([plans, problems.map(({ code }) => code)]).toEqual(['everything', ['S64-H013', 'S64-H011']])
  })

  it('a runtime that says nothing that helps is told, and of its container nothing is known', () => {
    const docker = container('blog', 2, { runtime: { type: 'docker', name: 'blog', interface: 'eth0' } })
    const said = '[]\nCannot connect to the Docker daemon at unix:///var/run/docker.sock.\n'
    const { world, problems } = CATALOGUE.world(
      model({ containers: [docker] }),
      capturedReplies({ docker: said }),
      PLACES,
    )
    expect(problems[0]?.message).toMatch(/container blog: .*docker.*Cannot connect/)
    expect(world.facts.containers.get('blog')?.state).toBe('unknown')
  })

  describe('where frames on bridges cannot be looked at', () => {
    const refused = { error: failure('other') }
    const told = (more: Parameters<typeof capturedReplies>[0], of = capturedModel()) => {
      const { world, problems, plans } = CATALOGUE.world(of, capturedReplies(more), PLACES)
      return [world.facts.firewall.canFilterFrames, problems.map(({ code }) => code), plans]
    }

    it('that is told, and everything else is planned', () => {
      expect(told({ 'nft frames': ABSENT, 'nft bridge': refused })).toEqual([
        false,
        ['S64-H020'],
        'everything',
      ])
    })

    it('nobody minds without anti-spoofing', () => {
      const open = { ...capturedModel(), firewall: { ...capturedModel().firewall, antiSpoof: false } }
      expect(told({ 'nft frames': ABSENT, 'nft bridge': refused }, open)[1]).toEqual([])
    })

    it('a table that stands proves the contrary, and so does an nft that would make one', () => {
      expect(told({ 'nft bridge': refused })).toEqual([true, [], 'everything'])
      expect(told({ 'nft frames': ABSENT, 'nft bridge': '' })).toEqual([true, [], 'everything'])
    })
  })

  it('a host that nothing is declared for lacks nothing', () => {
    expect(
      CATALOGUE.world(model({ networks: [], upstream: { interface: '' } }), replies({ links: '[]' }), PLACES)
        .problems,
    ).toEqual([])
  })
})
