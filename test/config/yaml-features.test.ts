import { describe, expect, test } from 'vitest'
import { codesOf, container, issuesOf, modelOf, yaml } from './support.ts'

describe('YAML features that change values behind the reader', () => {
  test('an alias bomb costs nothing', () => {
    const bomb = 'abcdefghi'.split('').map((name, index, all) => {
      const before = all[index - 1]
      return `${name}: &${name} [${Array.from({ length: 10 }, () => (before === undefined ? '1' : `*${before}`)).join(', ')}]\n`
    })
    const codes = new Set(codesOf(bomb.join('')))
    expect(codes.has('S64-Y007')).toBe(true)
  })

  test.each([
    ['an anchor that holds itself', 'routes', '&a [*a]'],
    ['an alias of nothing', 'routes', '*nothing'],
    ['an anchored mapping', 'policy', '&p { prune: own }'],
  ])('%s is refused', (_name, key, text) => {
    expect(codesOf(yaml({ [key]: text }))).toContain('S64-Y007')
  })

  test.each(['!!binary aGk=', '!!str web', '!foo web', '! web', '!!int "80"', '!<tag:x> web'])(
    'tag %s is refused',
    (text) => {
      expect(codesOf(yaml({ $schema: text }))).toContain('S64-Y006')
    },
  )

  test('a merge key is a key like any other', () => {
    expect(codesOf(container('{ <<: { ipv4: 10.64.0.9 }, ipv6: ::1:9 }'))).toEqual(['S64-C002'])
  })

  test.each([`%YAML 1.1\n---\n${yaml()}`, `%TAG ! tag:x,2000:\n---\n${yaml()}`])(
    'directives are refused',
    (text) => {
      expect(codesOf(text)).toContain('S64-Y011')
    },
  )

  test.each([`${yaml()}---\n${yaml()}`, `${yaml()}...\n---\nx: 1\n`])(
    'several documents are refused',
    (text) => {
      expect(codesOf(text)).toEqual(['S64-Y004'])
    },
  )
})

describe('keys', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    '%s is unknown at every level',
    (key) => {
      expect(codesOf(`${yaml()}${key}: { polluted: true }\n`)).toEqual(['S64-C002'])
      expect(codesOf(container(`{ ipv6: ::1:9, ${key}: {} }`))).toEqual(['S64-C002'])
      expect({}).not.toHaveProperty('polluted')
    },
  )

  test('a container may be called constructor, but nothing refers to what is not there', () => {
    expect(modelOf(container('{ ipv6: ::1:9 }', 'constructor')).containers[1]?.name).toBe('constructor')
    expect(codesOf(container('{ ipv6: ::1:9, network: constructor }'))).toEqual(['S64-M018'])
    expect(codesOf(yaml({ nat: '{ forwards: [{ listen: 1/tcp, to: "toString:1" }] }' }))).toEqual([
      'S64-M018',
    ])
  })

  test('duplicates are told at the second place, also between quotes', () => {
    const text = yaml({ containers: '\n  a: { ipv6: ::1:2 }\n  "a": { ipv6: ::1:3 }' })
    expect(issuesOf(text)).toMatchObject([{ code: 'S64-Y005', line: 8, column: 3 }])
  })

  test('keys are text, whatever they look like', () => {
    const names = modelOf(
      yaml({
        containers:
          '{ 017: { ipv6: ::1:2 }, 17: { ipv6: ::1:3 }, yes: { ipv6: ::1:4 }, null: { ipv6: ::1:5 } }',
      }),
    )
    expect(names.containers.map(({ name }) => name)).toEqual(['017', '17', 'null', 'yes'])
  })

  test('a key that is a list is an error', () => {
    expect(codesOf(`${yaml()}? [a]\n: 1\n`)).toEqual(['S64-Y001'])
  })
})
