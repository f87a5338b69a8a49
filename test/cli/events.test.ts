import { describe, expect, it } from 'vitest'
import { answerText, refusal, type Answers } from '../../src/app/control-words.ts'
import type { Recording } from '../../src/report/recorder/entry.ts'
import { SystemError } from '../../src/system/errors.ts'
import { slash64 } from './support.ts'

const RECORDING: Recording = {
  formatVersion: '1.0',
  controller: { version: '1.2.3', process: 4711 },
  clock: { at: 60_000, time: '2026-11-30T12:00:00.000Z' },
  forgotten: 5,
  events: [
    { at: 1_000, what: 'started', version: '1.2.3' },
    {
      at: 58_500.4,
      what: 'heard',
      monitor: 'ip',
      line: '[ROUTE]Deleted 10.0.0.0/24',
      topics: ['route'],
      due: 5,
    },
    { at: 59_999.9, what: 'pass', result: 'success', whole: false, due: -3 },
  ],
}
const CONTROLLER = answered(RECORDING)

function answered(recording: object): string {
  const answer: Answers['events'] = { ok: true, problems: [], recording }
  return answerText(answer)
}

function error(code: 'not-found' | 'denied' | 'timeout'): SystemError {
  return new SystemError({ code, subject: 'control.sock', detail: 'no' })
}

describe('slash64 events', () => {
  it('prints one line an event, the newest last, by both clocks', async () => {
    const { code, out, err, calls } = await slash64(['events'], { controller: CONTROLLER })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(calls.at(-1)).toBe('ask control.sock {"do":"events"}')
    expect(out.split('\n')).toEqual([
      '# slash64 1.2.3, process 4711, asked at 2026-11-30T12:00:00.000Z: 3 events, 5 earlier ones forgotten',
      '11:59:01.000 -59.000s started version=1.2.3',
      '11:59:58.500  -1.500s heard monitor=ip line="[ROUTE]Deleted 10.0.0.0/24" topics=[route] due=5',
      '12:00:00.000  -0.000s pass result=success whole=false due=-3',
      '',
    ])
  })

  it('prints them as JSON', async () => {
    const { code, out } = await slash64(['events', '-o', 'json'], { controller: CONTROLLER })
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual(RECORDING)
  })

  it.each([
    ['1', 1, 7],
    ['2', 2, 6],
    ['3', 3, 5],
    ['2000', 3, 5],
  ])('--last %s shows the newest, and counts the others', async (last, shown, forgotten) => {
    const { out } = await slash64(['events', '-o', 'json', '--last', last], { controller: CONTROLLER })
    expect(JSON.parse(out)).toEqual({ ...RECORDING, forgotten, events: RECORDING.events.slice(-shown) })
  })

  it.each(['0', '-1', '1.5', 'all', '1e3'])('--last %s is wrong usage', async (last) => {
    const { code, out, err } = await slash64(['events', `--last=${last}`], { controller: CONTROLLER })
    expect({ code, out }).toEqual({ code: 64, out: '' })
    expect(err).toContain('--last must be a number from 1 on')
  })

  it('needs no file, and shows what newer versions tell', async () => {
    const events = [{ at: 1, what: 'new-thing', deep: ['a b', 'c'], n: 1, yes: true }]
    const { code, out } = await slash64(['events', '-f', 'none.yaml'], {
      controller: answered({ ...RECORDING, formatVersion: '1.7', more: 1, events }),
    })
    expect(code).toBe(0)
    expect(out).toContain('new-thing deep=["a b", c] n=1 yes=true')
  })

  it('lets nothing that was recorded repaint a terminal', async () => {
    const events = [{ at: 1, what: 'x\u001b[2J', line: 'a\nb\u001b]0;t\u0007 "q"' }]
    const { out } = await slash64(['events'], { controller: answered({ ...RECORDING, events }) })
    expect(out).not.toMatch(/[^\n\x20-\x7e]/)
    expect(out.trimEnd().split('\n')).toHaveLength(2)
  })

  it.each([
    ['no controller runs here', error('not-found'), 'S64-T007', '--run-dir'],
    ['an ordinary user asks', error('denied'), 'S64-T008', 'only root'],
    ['it hangs', error('timeout'), 'S64-T006', 'did not answer within 15 s'],
  ])('fails in words when %s', async (_, ask, code, words) => {
    const said = await slash64(['events'], { fails: { ask } })
    expect({ code: said.code, out: said.out }).toEqual({ code: 1, out: '' })
    expect(said.err).toContain(code)
    expect(said.err).toContain(words)
    const json = await slash64(['events', '-o', 'json'], { fails: { ask } })
    expect(json.code).toBe(1)
    expect(JSON.parse(json.out)).toMatchObject({ errors: [{ code }] })
  })

  it('tells what a controller of another version says', async () => {
    const refused = refusal({ code: 'S64-T004', message: 'the controller does not know how to events' })
    const { code, err } = await slash64(['events'], { controller: answerText(refused) })
    expect(code).toBe(1)
    expect(err).toContain('S64-T004')
  })

  it.each([
    '',
    'x',
    '{"ok":true,"problems":[]}',
    answered([]),
    answered({ ...RECORDING, formatVersion: '2.0' }),
    answered({ ...RECORDING, clock: { at: 1, time: 'noon' } }),
  ])('fails when the answer is %s', async (controller) => {
    const { code, err } = await slash64(['events'], { controller })
    expect(code).toBe(1)
    expect(err).toContain('S64-T009')
  })
})
