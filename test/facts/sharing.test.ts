import { describe, expect, it } from 'vitest'
import { lookupProblems } from '../../src/facts/lookups.ts'
import { sharing } from '../../src/facts/sharing.ts'
import type { Container } from '../../src/model/types.ts'
import { replies } from '../support/captures.ts'
import { container, model, PLACES, world } from '../support/model.ts'
import { failure } from '../support/recording-system.ts'

const lxc = (name: string, number: number): Container =>
  container(name, number, { runtime: { type: 'lxc', name, interface: 'eth0' } })
const [blog, db, web] = [lxc('blog', 2), lxc('db', 3), lxc('web', 4)]
const of = model({ containers: [blog, db, web] })
const running = (pid: number): string => `State:          RUNNING\nPID:            ${pid}\n`

/** blog and db in one namespace, web in that of the host. */
const SHARED = replies({
  'lxc  blog': running(11),
  'lxc  db': running(12),
  'lxc  web': running(13),
  '/proc/11/ns/net': 'net:[77]',
  '/proc/12/ns/net': 'net:[77]',
  '/proc/13/ns/net': `net:[${PLACES.network}]`,
})

describe('containers that share a network', () => {
  it('are known by its inode', () => {
    expect(sharing(blog, of, SHARED, PLACES)).toBe('container db')
    expect(sharing(db, of, SHARED, PLACES)).toBe('container blog')
    expect(sharing(web, of, SHARED, PLACES)).toBe('the host')
  })

  it('are told, each with the way out', () => {
    const problems = lookupProblems(world(of), SHARED)
    expect(problems.map(({ code }) => code)).toEqual(['S64-F006', 'S64-F006', 'S64-F006'])
    expect(problems.map(({ message }) => message.split(':')[0])).toEqual([
      'container blog shares the network of container db',
      'container db shares the network of container blog',
      'container web shares the network of the host',
    ])
  })

  it('one that runs nowhere shares none', () => {
    const stopped = replies({ 'lxc  blog': 'State:          STOPPED\n', 'lxc  db': running(12) })
    expect(sharing(blog, of, stopped, PLACES)).toBeUndefined()
    expect(sharing(db, of, stopped, PLACES)).toBeUndefined()
    expect(lookupProblems(world(of), stopped)).toEqual([])
  })
})

describe('a runtime that says nothing that helps', () => {
  it('is told for the container that it was asked of', () => {
    const problems = lookupProblems(world(of), replies({ 'lxc  blog': 'what?' }))
    expect(problems).toHaveLength(1)
    expect(problems[0]?.message).toMatch(/^container blog: .*lxc-info -n blog/)
  })

  it('is told once for all whose read failed in the same way', () => {
    const failed = { error: failure('timeout') }
    const problems = lookupProblems(world(of), replies({ 'lxc  blog': failed, 'lxc  db': failed }))
    expect(problems).toHaveLength(1)
    expect(problems[0]?.message).toMatch(/^containers blog, db: /)
  })
})
