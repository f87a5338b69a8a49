import { describe, expect, it } from 'vitest'
import { parseAnswer, requestText, type Outcome } from '../../src/app/control-words.ts'
import { isThere, looks, READ, settled, told, VETHS, type Scene } from './support.ts'

async function ask(scene: Scene, request: string): Promise<Outcome | undefined> {
  const asking = scene.feeds.ask(socketOf(scene), request.trim())
  await scene.feeds.advance(1_000)
  return parseAnswer(await asking)
}

function socketOf({ host }: Scene): string {
  return `${host.places.runDir}/control.sock`
}

describe('a container that asks for its network', () => {
  it('gets it, and the others are not looked at', async () => {
    const scene = await settled()
    await scene.host.run(['ip', 'link', 'delete', VETHS.blog])
    scene.host.reads.length = 0
    const asking = scene.feeds.ask(socketOf(scene), requestText('attach', { container: 'blog' }).trim())
    await scene.feeds.advance(1)
    expect(parseAnswer(await asking)).toMatchObject({ ok: true, problems: [] })
    expect(isThere(scene, VETHS.blog)).toBe(true)
    expect(looks(scene)).toContain(READ.blog)
    expect(looks(scene)).not.toContain(READ.db)
    expect(scene.events.at(-1)).toMatchObject({ type: 'attach', container: 'blog', ok: true })
  })

  it('is refused in words when the file does not name it', async () => {
    const scene = await settled()
    expect(await ask(scene, requestText('attach', { container: 'ghost' }))).toMatchObject({
      ok: false,
      problems: [{ code: 'S64-T001' }],
    })
  })

  it.each([
    '',
    'x',
    '{"container":"blog"}',
    '{"do":"attach","container":"../x"}',
    '{"do":"attach","container":"blog","process":1}',
  ])('is refused when it asks with %j', async (request) => {
    const scene = await settled()
    expect(await ask(scene, request)).toMatchObject({ ok: false, problems: [{ code: 'S64-T004' }] })
    expect(looks(scene)).toEqual([])
  })

  it('is refused once the controller ends', async () => {
    const scene = await settled()
    const socket = socketOf(scene)
    scene.stop()
    const asking = scene.feeds.ask(socket, requestText('attach', { container: 'blog' }).trim())
    expect(parseAnswer(await asking)).toMatchObject({ ok: false, problems: [{ code: 'S64-T005' }] })
    await scene.done
    await expect(scene.feeds.ask(socket, '')).rejects.toThrow('nobody listens')
  })
})

describe('a look that waits for the very container that starts', () => {
  it('gives way, and is made again after it', async () => {
    const scene = await settled()
    const query = scene.host.query.bind(scene.host)
    let stuck = true
    scene.host.query = async (argv, asked) =>
      stuck && argv.join(' ') === READ.db ? new Promise(() => undefined) : query(argv, asked)
    scene.controller.hangUp()
    await scene.feeds.advance(500)
    expect(told(scene)).toEqual(['begun signal'])
    stuck = false
    expect(await ask(scene, requestText('attach', { container: 'blog' }))).toMatchObject({ ok: true })
    await scene.feeds.advance(1_000)
    expect(told(scene)).toEqual([
      'begun signal',
      'begun signal',
      'pass signal whole noop',
      'begun runtime',
      'pass runtime part noop',
    ])
  })
})
