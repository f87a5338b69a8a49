import { describe, expect, it } from 'vitest'
import type { RuntimeType } from '../../src/config/types.ts'
import type { Replies, Reply } from '../../src/engine/types.ts'
import type { Container, Model } from '../../src/model/types.ts'
import { locate, networkProbe } from '../../src/runtimes/locate.ts'
import { ABSENT, capture, replies } from '../support/captures.ts'
import { container, model } from '../support/model.ts'
import { failure } from '../support/recording-system.ts'

function only(type: RuntimeType, name: string): readonly [Container, Model] {
  const one = container('blog', 2, { runtime: { type, name, interface: 'eth0' } })
  return [one, model({ containers: [one] })]
}

/** What the runtime says, and where the process's network is. */
type Told = readonly [type: RuntimeType, name: string, id: string, file: string, pid: number]

const TOLD: readonly Told[] = [
  ['docker', 'blog', 'docker', 'docker-28.2.2/missing-first.txt', 4711],
  ['incus', 'blog', 'incus', 'incus-6.0/list.json', 4711],
  ['lxc', 'blog', 'lxc  blog', 'lxc-5.0.2/running.txt', 31141],
  ['nspawn', 'web', 'nspawn web', 'machinectl-252/one.txt', 133],
  ['podman', 'blog', 'podman', 'podman-4.3.1/missing-first.txt', 31257],
]

describe.each(TOLD)('a container of %s', (type, name, id, file, pid) => {
  const [one, of] = only(type, name)
  const link = `/proc/${pid}/ns/net`
  const known = (more: Readonly<Record<string, string | Reply>> = {}): Replies =>
    replies({ [id]: capture(file), ...more })

  it('is where its first process is, once that was read', () => {
    expect(networkProbe(one, of, new Map())).toBeUndefined()
    expect(locate(one, of, new Map())).toBeUndefined()
    expect(networkProbe(one, of, known())).toEqual({ id: link, link, contained: true, container: one.name })
    expect(locate(one, of, known())).toBeUndefined()
    expect(locate(one, of, known({ [link]: 'net:[4026532001]' }))).toEqual({
      state: 'running',
      netns: `@${pid}/4026532001`,
      inode: '4026532001',
    })
  })

  it('that ended meanwhile is absent', () => {
    expect(locate(one, of, known({ [link]: ABSENT }))).toMatchObject({ state: 'absent' })
  })

  it('whose process may not be looked at is unknown', () => {
    const denied = { error: failure('denied') }
    expect(locate(one, of, known({ [link]: denied }))).toEqual({ state: 'unknown', ...denied })
  })

  it.each(['timeout', 'crashed', 'missing-tool'] as const)('is unknown after a %s', (code) => {
    const error = failure(code)
    expect(locate(one, of, replies({ [id]: { error } }))).toEqual({ state: 'unknown', error })
  })

  it('is unknown where garbage is said', () => {
    expect(locate(one, of, replies({ [id]: 'Segmentation fault' }))?.state).toBe('unknown')
  })
})

it('one that its runtime does not list does not exist', () => {
  for (const [type, id, text] of [
    ['incus', 'incus', '[]\n'],
    ['docker', 'docker', '[]\n\nError response from daemon: No such container: blog\n'],
    ['lxc', 'lxc  blog', capture('lxc-5.0.2/missing.txt')],
  ] as const) {
    const [one, of] = only(type, 'blog')
    expect(locate(one, of, replies({ [id]: text }))).toEqual({ state: 'absent', why: 'does not exist' })
  }
})

it('one stopped container of systemd-nspawn says nothing of the others', () => {
  const named = (name: string, number: number): Container =>
    container(name, number, { runtime: { type: 'nspawn', name, interface: 'eth0' } })
  const [gone, web] = [named('gone', 2), named('web', 3)]
  const of = model({ containers: [gone, web] })
  const known = replies({
    'nspawn gone': "\nCould not get path to machine: No machine 'gone' known\n",
    'nspawn web': capture('machinectl-252/one.txt'),
    '/proc/133/ns/net': 'net:[7]',
  })
  expect(locate(gone, of, known)?.state).toBe('absent')
  expect(locate(web, of, known)?.state).toBe('running')
})

it('a named namespace is where its name says', () => {
  const [one, of] = only('netns', 'blog-1')
  expect(locate(one, of, new Map())).toEqual({ state: 'running', netns: 'blog-1' })
})
