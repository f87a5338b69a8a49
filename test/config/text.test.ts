import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { BLOCK, FILE, codesOf, issuesOf, modelOf, yaml } from './support.ts'

const MIB = 1024 * 1024

describe('half-written files', () => {
  test('a file cut anywhere never throws, and never loses its networks silently', () => {
    for (let end = 0; end < BLOCK.length; end += 1) {
      const loaded = loadConfig(BLOCK.slice(0, end), FILE)
      expect(loaded.ok ? loaded.model.networks : loaded.issues).not.toHaveLength(0)
    }
  })

  test.each(['', '\n\n', '# nothing\n', '---\n', '---\n...\n', '\ufeff', 'null\n', '~\n'])(
    '%j is no file',
    (text) => {
      expect(issuesOf(text)).toHaveLength(1)
      expect(['S64-Y002', 'S64-C001']).toContain(codesOf(text)[0])
    },
  )

  test.each(['containers', 'networks', 'routes', 'nat', 'policy'])(
    '%s: with nothing behind is an error',
    (key) => {
      expect(codesOf(yaml({ [key]: ' ' }))).toEqual(['S64-C001'])
    },
  )

  test('conflict markers are named once each', () => {
    const text = `<<<<<<< HEAD\n${yaml()}=======\n${yaml()}>>>>>>> other\n`
    expect(codesOf(text)).toEqual(['S64-Y010', 'S64-Y010'])
  })
})

describe('text', () => {
  test('a byte order mark is accepted, and columns do not count it', () => {
    expect(codesOf(`\ufeff${yaml()}`)).toEqual([])
    expect(issuesOf(`\ufeff${yaml({ apiVersion: 'v2' })}`)[0]).toMatchObject({ line: 1, column: 13 })
  })

  test('CRLF is accepted, and columns do not count it', () => {
    expect(modelOf(BLOCK.replaceAll('\n', '\r\n'))).toEqual(modelOf(BLOCK))
    const text = BLOCK.replace('::1:2', '::9:2').replaceAll('\n', '\r\n')
    expect(issuesOf(text)).toMatchObject([{ code: 'S64-M011', length: 5 }])
  })

  test('a tab as indentation says so', () => {
    const [issue] = issuesOf(yaml({ containers: '\n\tweb: {}' }))
    expect(issue).toMatchObject({ code: 'S64-Y001', hint: 'indent with spaces' })
  })

  test.each(['\u0000', '\u001b[31m', '\u0085', '\u202e', '\u2066', '\u2028', '\ufeff', '\ufffd', '\u007f'])(
    '%j is refused in a comment, in a value, and escaped',
    (character) => {
      expect(codesOf(`${yaml()}# ${character}\n`)).toEqual(['S64-Y008'])
      const escaped = [...character]
        .map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
        .join('')
      expect(codesOf(yaml({ $schema: `"${escaped}"` }))).toEqual(['S64-Y008'])
    },
  )

  test('the largest text is read, one byte more is not', () => {
    const room = MIB - yaml().length - 2
    expect(codesOf(`${yaml()}#${'x'.repeat(room)}\n`)).toEqual([])
    expect(codesOf(`${yaml()}#${'x'.repeat(room + 1)}\n`)).toEqual(['S64-Y003'])
    expect(codesOf(`${yaml()}#${'ä'.repeat(room / 2 + 2)}\n`)).toEqual(['S64-Y003'])
  })
})
