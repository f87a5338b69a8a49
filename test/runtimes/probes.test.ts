import { describe, expect, it } from 'vitest'
import type { RuntimeType } from '../../src/config/types.ts'
import { problemOfError } from '../../src/engine/problems.ts'
import type { Probe } from '../../src/engine/types.ts'
import type { Container, Model } from '../../src/model/types.ts'
import { RUNTIMES } from '../../src/runtimes/index.ts'
import { lookupProbe } from '../../src/runtimes/locate.ts'
import { SystemError } from '../../src/system/errors.ts'
import { container, model } from '../support/model.ts'

function containers(type: RuntimeType, names: readonly string[], path?: string): readonly Container[] {
  const more = path === undefined ? {} : { path }
  return names.map((name, at) =>
    container(`c${at}`, at + 2, { runtime: { type, name, interface: 'eth0', ...more } }),
  )
}

/** The commands that are run for all of them: a probe of one id runs once. */
function commands(of: Model): readonly string[] {
  const probes = of.containers.flatMap((one) => lookupProbe(one, of) ?? [])
  const byId = new Map<string, Probe>(probes.map((probe) => [probe.id, probe]))
  return [...byId.values()].map((probe) => ('argv' in probe ? probe.argv.join(' ') : probe.id))
}

describe('one process', () => {
  it.each([
    ['docker', ['docker --context default container inspect blog web']],
    ['podman', ['podman container inspect blog web']],
    ['incus', ['incus list local: --project default --format json']],
  ] as const)('of %s tells of all', (type, expected) => {
    expect(commands(model({ containers: containers(type, ['blog', 'web']) }))).toEqual(expected)
  })

  it.each([
    ['lxc', ['lxc-info -n blog -H -s -p', 'lxc-info -n web -H -s -p']],
    [
      'nspawn',
      ['machinectl show blog -p Name -p Leader -p State', 'machinectl show web -p Name -p Leader -p State'],
    ],
  ] as const)('of %s tells of one: what it says of the others must not depend on it', (type, expected) => {
    expect(commands(model({ containers: containers(type, ['blog', 'web']) }))).toEqual(expected)
  })

  it('of docker and podman is for each name that could be the beginning of an ID', () => {
    const of = model({ containers: containers('podman', ['blog', 'db', 'web', 'cafe']) })
    expect(commands(of)).toEqual([
      'podman container inspect blog web',
      'podman container inspect db',
      'podman container inspect cafe',
    ])
  })
})

it('LXC has other containers below another path', () => {
  const of = model({
    containers: [...containers('lxc', ['blog']), ...containers('lxc', ['blog'], '/srv/lxc')],
  })
  expect(commands(of)).toEqual(['lxc-info -n blog -H -s -p', 'lxc-info -P /srv/lxc -n blog -H -s -p'])
  expect(RUNTIMES.lxc?.events?.argvs(of.containers).map((argv) => argv.join(' '))).toEqual([
    'lxc-monitor -n .*',
    'lxc-monitor -P /srv/lxc -n .*',
  ])
})

it.each(['netns', 'none'] as const)('nobody is asked of %s', (type) => {
  expect(commands(model({ containers: containers(type, ['blog']) }))).toEqual([])
})

it.each(['docker', 'incus', 'lxc', 'nspawn', 'podman'] as const)(
  'what %s says hides nothing else',
  (type) => {
    const of = model({ containers: containers(type, ['blog']) })
    for (const one of of.containers) {
      expect(lookupProbe(one, of)).toMatchObject({ contained: true, deadline: 3_000 })
      expect(lookupProbe(one, of)?.topics).toEqual([`container ${type} blog`])
    }
  },
)

it('events of docker and incus are those of this host', () => {
  expect(RUNTIMES.docker?.events?.argvs([])[0]?.slice(0, 4)).toEqual([
    'docker',
    '--context',
    'default',
    'events',
  ])
  expect(RUNTIMES.incus?.events?.argvs([])[0]?.slice(0, 5)).toEqual([
    'incus',
    'monitor',
    'local:',
    '--project',
    'default',
  ])
})

it.each([
  ['docker', 'docker.io'],
  ['incus', 'incus'],
  ['lxc', 'lxc'],
  ['nspawn', 'systemd-container'],
  ['podman', 'podman'],
] as const)('a host without %s is told what to install', (type, name) => {
  const [one] = containers(type, ['blog'])
  const probe = one && RUNTIMES[type]?.probe(one, [one])
  const subject = probe !== undefined && 'argv' in probe ? probe.argv.join(' ') : ''
  const error = new SystemError({ code: 'missing-tool', subject, detail: '/usr/bin' })
  expect(problemOfError(error, 'observe').hint).toContain(`apt-get install ${name})`)
})

it.each(['docker', 'incus', 'lxc', 'nspawn', 'podman'] as const)(
  'the way out of another network is one of %s, and names our bridge or none',
  (type) => {
    const bridged = { docker: false, podman: false, incus: true, lxc: true, nspawn: true }[type]
    const words = RUNTIMES[type]?.wayOut('br-ct') ?? ''
    expect(words.includes('br-ct')).toBe(bridged)
    expect(words).toMatch(/none|empty|private-network/)
  },
)
