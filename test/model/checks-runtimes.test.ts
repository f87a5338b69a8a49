import { describe, expect, test } from 'vitest'
import { codesOf, container, issuesOf } from '../config/support.ts'

/** A container of this runtime, called so there. */
function named(type: string, name: string): string {
  return container(`{ ipv6: ::1:9, runtime: { type: ${type}, name: "${name}" } }`)
}

const LONG = 'x'.repeat(64)

describe('names of containers', () => {
  test.each([
    ['lxc', ['blog', 'Blog_1.example', '1', `${LONG}${LONG}`]],
    ['docker', ['ab', 'Blog_1.example', '0a', `${LONG}${LONG}`]],
    ['podman', ['a', 'Blog_1.example', '0a', `${LONG}${LONG}`]],
    ['incus', ['a', 'Blog-1', 'x'.repeat(63)]],
    ['nspawn', ['a', '1', 'Blog-1.example', LONG]],
    ['netns', ['a', '_a', 'l1234-blog']],
  ])('of %s are accepted by its own rule', (type, names) => {
    for (const name of names) expect([name, codesOf(named(type, name))]).toEqual([name, []])
  })

  test.each([
    ['docker', ['a', '_a']],
    ['podman', ['_a']],
    ['incus', ['1a', 'a_b', 'a.b', 'a-', LONG]],
    ['nspawn', ['a_b', 'a-', 'a..b', 'a.', 'a.-b', `${LONG}x`]],
  ])('of %s are refused by its own rule', (type, names) => {
    for (const name of names) expect([name, codesOf(named(type, name))]).toEqual([name, ['S64-M035']])
  })

  test.each(['lxc', 'docker', 'podman', 'incus', 'nspawn', 'netns'])(
    'of %s never look like an option, a path or several words',
    (type) => {
      for (const name of [
        '-a',
        '--all',
        '.a',
        '..',
        'a/b',
        'a b',
        'a;b',
        '$(id)',
        'local:a',
        `${LONG}${LONG}x`,
      ])
        expect([name, codesOf(named(type, name))]).toEqual([name, ['S64-C006']])
    },
  )

  test('the name in the file is one of the runtime unless another is given', () => {
    const [issue] = issuesOf(container('{ ipv6: ::1:9, runtime: incus }', '1a'))
    expect(issue).toMatchObject({ code: 'S64-M035', message: expect.stringContaining('"1a"') })
    expect(codesOf(container('{ ipv6: ::1:9, runtime: { type: incus, name: one } }', '1a'))).toEqual([])
  })
})

describe('a path', () => {
  test.each(['docker', 'podman', 'incus', 'nspawn', 'netns', 'none'])('is refused with %s', (type) => {
    expect(codesOf(container(`{ ipv6: ::1:9, runtime: { type: ${type}, path: /srv/x } }`))).toEqual([
      'S64-M036',
    ])
  })

  test('is LXC’s', () => {
    const text = container('{ ipv6: ::1:9, runtime: { type: lxc, name: a, path: /srv/x, interface: net0 } }')
    expect(codesOf(text)).toEqual([])
  })
})
