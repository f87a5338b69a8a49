import { describe, expect, it } from 'vitest'
import { inspectedOf, mayBeId, parseInspect, readOciEvent } from '../../../src/formats/runtimes/oci.ts'
import type { OciTool } from '../../../src/formats/runtimes/oci.ts'
import type { Found } from '../../../src/formats/runtimes/types.ts'
import { capture } from '../../support/captures.ts'
import { truncated } from '../garbage.ts'

const VERSIONS = { docker: 'docker-28.2.2', podman: 'podman-4.3.1' } as const
const MISSING = { state: 'absent', why: 'does not exist' }

function found(tool: OciTool, file: string, name: string): Found {
  return inspectedOf(parseInspect(capture(`${VERSIONS[tool]}/${file}.txt`)), tool, name)
}

describe.each([
  ['docker', 4711],
  ['podman', 31257],
] as const)('%s container inspect', (tool, pid) => {
  it('tells the process of one that runs', () => {
    expect(found(tool, 'running', 'blog')).toEqual({ state: 'running', pid })
  })

  it('tells of one that is there, while others are not', () => {
    expect(found(tool, 'missing-first', 'blog')).toEqual({ state: 'running', pid })
    for (const name of ['nobody', 'blo', 'ghost']) expect(found(tool, 'missing-first', name)).toEqual(MISSING)
  })

  it('a name that begins or ends like one that is missing is not answered', () => {
    for (const name of ['nobod', 'body', 'ghosts', 'blog-old', 'container', 'such', 'Error'])
      expect(found(tool, 'missing-first', name).state).toBe('unknown')
  })

  it('none of them may be there', () => {
    const [first, second] = tool === 'docker' ? ['blo', 'ghost'] : ['blog', 'db']
    expect(found(tool, 'none', first)).toEqual(MISSING)
    expect(found(tool, 'none', second)).toEqual(MISSING)
  })

  it('an answer to the beginning of an ID is none to a name', () => {
    const id = tool === 'docker' ? 'ab' : 'ec5'
    expect(found(tool, 'by-id', id)).toEqual(MISSING)
    expect(found(tool, 'by-id', 'blog')).toEqual({ state: 'running', pid })
    expect(found(tool, 'by-id', 'cafe').state).toBe('unknown')
  })

  it('the beginning of several IDs is the name of none', () => {
    expect(found(tool, 'ambiguous', tool === 'docker' ? 'a' : '2')).toEqual(MISSING)
    expect(found(tool, 'ambiguous', 'cafe').state).toBe('unknown')
  })

  it('half an answer is none', () => {
    const text = capture(`${VERSIONS[tool]}/running.txt`)
    expect(inspectedOf(parseInspect(truncated(text, 2)), tool, 'blog').state).toBe('unknown')
    expect(() => parseInspect(`${truncated(text, 20)}\n]\n`)).toThrow('container inspect')
  })
})

describe('docker container inspect', () => {
  it.each([
    ['blog', { state: 'running', pid: 4711 }],
    // It keeps its network.
    ['paused', { state: 'running', pid: 4712 }],
    ['restarting', { state: 'absent', why: 'restarting' }],
    ['exited', { state: 'absent', why: 'exited' }],
    ['created', { state: 'absent', why: 'created' }],
    ['dead', { state: 'absent', why: 'dead' }],
  ])('tells every state: %s', (name, state) => {
    expect(found('docker', 'states', name)).toEqual(state)
  })

  it.each([
    ['no-daemon', 'Cannot connect to the Docker daemon'],
    ['denied', 'permission denied while trying to connect'],
  ])('%s: nothing is known of any, and the words are told', (file, words) => {
    for (const name of ['blog', 'db']) {
      const state = found('docker', file, name)
      expect(state).toMatchObject({
        state: 'unknown',
        error: { message: expect.stringContaining(`docker container inspect ${name}`) },
      })
      expect(state).toMatchObject({ error: { detail: expect.stringContaining(words) } })
    }
  })
})

describe('podman container inspect', () => {
  it.each(['created', 'stopped'])('tells of one that is %s', (why) => {
    expect(found('podman', why === 'stopped' ? 'killed' : why, 'blog')).toEqual({ state: 'absent', why })
  })

  it('newer ones quote the name', () => {
    const said = parseInspect('[]\n\nError: no such container "blog"\n')
    expect(inspectedOf(said, 'podman', 'blog')).toEqual(MISSING)
  })
})

it.each([
  ['a list without names', '[\n{"Id": "ab"}\n]'],
  ['a list without states', '[\n{"Name": "/blog"}\n]'],
  ['a state without a process', '[\n{"Name": "/blog", "State": {"Status": "running"}}\n]'],
  ['a list of numbers', '[\n1\n]'],
])('%s is garbled', (_, text) => {
  expect(() => parseInspect(text)).toThrow('container inspect')
})

it.each([
  ['db', true],
  ['cafe01', true],
  ['blog', false],
  ['db-1', false],
  ['DB', false],
])('%s could be the beginning of an ID: %s', (name, may) => {
  expect(mayBeId(name)).toBe(may)
})

describe('events', () => {
  const verbs = (tool: OciTool, verb: RegExp): readonly (string | undefined)[] => {
    const lines = capture(`${VERSIONS[tool]}/events.txt`).trimEnd().split('\n')
    const told = lines.filter((line) => readOciEvent(line) !== undefined)
    expect(new Set(told.map(readOciEvent))).toEqual(new Set(['blog']))
    return told.map((line) => verb.exec(line)?.[1])
  }

  it('docker tells of starts and ends, and of commands and health checks nothing', () => {
    const all = ['start', 'kill', 'die', 'stop', 'restart', 'rename', 'destroy']
    expect(verbs('docker', /"Action":"([^"]+)"/)).toEqual(all)
  })

  it('podman tells of starts and ends', () => {
    const told = verbs('podman', /"Status":"([^"]+)"/)
    expect(new Set(told)).toEqual(new Set(['init', 'start', 'restart', 'died', 'cleanup', 'remove']))
    expect(told).not.toContain('create')
  })

  it.each(['', 'null', '[]', '{', '{"Status":"start"}', '{"Name":"blog"}'])('%j tells of none', (line) => {
    expect(readOciEvent(line)).toBeUndefined()
  })
})
