import { describe, expect, it } from 'vitest'
import {
  answerText,
  answerTo,
  parseAnswer,
  requestText,
  type Handlers,
  type Verb,
} from '../../src/app/control-words.ts'

/** What came to whom. */
function handlers(): Handlers & { readonly asked: readonly [Verb, unknown][] } {
  const asked: [Verb, unknown][] = []
  return {
    asked,
    attach: async (one) => {
      asked.push(['attach', one])
      return { ok: true, applied: 3, problems: [] }
    },
    events: async (one) => {
      asked.push(['events', one])
      return { ok: true, problems: [], recording: { events: [] } }
    },
  }
}

async function codes(request: string): Promise<readonly string[]> {
  const hearing = handlers()
  const answer = parseAnswer(await answerTo(request, hearing))
  expect(hearing.asked).toEqual([])
  expect(answer?.ok).toBe(false)
  return (answer?.problems ?? []).map(({ code, message }) => `${code} ${message}`)
}

describe('a request', () => {
  it.each([{ container: 'blog' }, { container: 'blog', process: 4711 }])(
    'to attach %j comes to who does it',
    async (one) => {
      const hearing = handlers()
      const text = requestText('attach', one)
      expect(text.endsWith('}\n')).toBe(true)
      expect(await answerTo(text, hearing)).toBe('{"ok":true,"applied":3,"problems":[]}\n')
      expect(hearing.asked).toEqual([['attach', one]])
    },
  )

  it('for the events has nothing beside it', async () => {
    const hearing = handlers()
    expect(requestText('events', {})).toBe('{"do":"events"}\n')
    expect(parseAnswer(await answerTo(requestText('events', {}), hearing))).toEqual({
      ok: true,
      problems: [],
      rest: { recording: { events: [] } },
    })
  })

  it.each(['confirm', 'pause', 'constructor', 'to-string'])(
    'to %s is answered: the versions differ',
    async (verb) => {
      const hearing = handlers()
      const answer = parseAnswer(await answerTo(JSON.stringify({ do: verb, id: 7 }), hearing))
      expect(answer).toMatchObject({
        ok: false,
        problems: [
          {
            code: 'S64-T004',
            message: `the controller does not know how to ${verb}`,
            hint: expect.stringContaining('different versions'),
          },
        ],
      })
    },
  )

  it.each([
    '',
    'blog',
    '[]',
    '{}',
    '{"container":"blog"}',
    '{"do":1}',
    '{"do":"__proto__"}',
    '{"do":"rm -rf /"}',
    `{"do":"${'a'.repeat(40)}"}`,
    '{"do":"events","last":3}',
    '{"do":"attach"}',
    '{"do":"attach","container":1}',
    '{"do":"attach","container":""}',
    '{"do":"attach","container":"Blog"}',
    '{"do":"attach","container":"../x"}',
    '{"do":"attach","container":"a b"}',
    `{"do":"attach","container":"${'a'.repeat(64)}"}`,
    '{"do":"attach","container":"blog","process":"4711"}',
    '{"do":"attach","container":"blog","process":1}',
    '{"do":"attach","container":"blog","process":4194305}',
    '{"do":"attach","container":"blog","file":"/etc/shadow"}',
  ])('%s is not understood, and does nothing', async (text) =>
    expect(await codes(text)).toEqual(['S64-T004 the controller does not understand what it is asked']),
  )
})

describe('an answer', () => {
  it('is read as it was written', () => {
    const one = { ok: false, applied: 2, problems: [{ code: 'S64-T001', message: 'no', hint: 'yes' }] }
    const { ok, problems, applied } = one
    expect(parseAnswer(answerText(one))).toEqual({ ok, problems, rest: { applied } })
  })

  it.each(['', '{"ok":true', '{"ok":1,"problems":[]}', '{"ok":true,"problems":[1]}', '{"ok":true}'])(
    '%s is not whole',
    (text) => expect(parseAnswer(text)).toBeUndefined(),
  )
})
