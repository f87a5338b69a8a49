import { keeperOn } from '../../src/app/keeper.ts'
import { createController, type Controller } from '../../src/controller/controller.ts'
import { firstDesired, type Desired, type Loader } from '../../src/controller/desired.ts'
import type { ControllerEvent, PassEvent, Wish } from '../../src/controller/types.ts'
import type { Topic } from '../../src/engine/types.ts'
import type { Model } from '../../src/model/types.ts'
import type { MemoryHost } from '../../src/system/memory/host.ts'
import { freshHost } from '../support/memory.ts'
import { memoryFeeds, type MemoryFeeds } from '../support/memory-feeds.ts'
import { container, model, network, tcp } from '../support/model.ts'

export const FILE = '/etc/slash64/network.yaml'
export const LAST_GOOD = '/var/lib/slash64/last-good.yaml'
export const INTERVAL = 30_000

const BLOG = container('blog', 2, { expose: [tcp(443)] })
const DB = container('db', 3)
/** What the texts of the tests mean; every other text is wrong. */
const MEANINGS: Readonly<Record<string, Partial<Model>>> = {
  both: { containers: [BLOG, DB] },
  blog: { containers: [BLOG] },
  none: {},
  renamed: { networks: [network({ name: 'br-two', mac: '02:11:22:33:44:66' })] },
}

/** A loader of one-word files. A text is a new model each time that it is read, as with the real one. */
export const LOADER: Loader<string> = {
  load: async (text, name) => {
    const meaning = MEANINGS[text]
    return meaning === undefined
      ? wrong(`${name}: "${text}" means nothing`)
      : { ok: true, model: model(meaning), source: text }
  },
  unreadable: (error, name) => wrong(`${name}: ${error.code}`),
}

function wrong(message: string) {
  return { ok: false as const, text: message, problem: { code: 'S64-TEST', message } }
}

export interface Scene {
  readonly host: MemoryHost
  readonly feeds: MemoryFeeds
  /** What was told, in order. */
  readonly events: ControllerEvent[]
  readonly controller: Controller<string>
  /** Writes the file and lets the watch tell of it; undefined removes it. */
  write(text: string | undefined): void
  /** Tells it to end. */
  stop(): void
  /** Resolves when `run` has. */
  readonly done: Promise<void>
}

export interface SceneOptions {
  readonly host?: MemoryHost
  readonly text?: string
  readonly chance?: () => number
  readonly interval?: number
  /** Called before the controller runs. */
  readonly before?: (scene: Pick<Scene, 'host' | 'feeds'>) => void
}

/** A host whose clock is the one of the feeds. */
export function clocked(host: MemoryHost, feeds: MemoryFeeds): MemoryHost {
  host.monotonic = () => feeds.now()
  host.now = () => new Date(feeds.now())
  return host
}

/** A controller at work on a host in memory, after its first pass. */
export async function begin(options: SceneOptions = {}): Promise<Scene> {
  const { text = 'both', chance = () => 0.5, interval = INTERVAL } = options
  const feeds = memoryFeeds({ chance })
  const host = clocked(options.host ?? freshHost(), feeds)
  host.world.files.set(FILE, text)
  options.before?.({ host, feeds })
  const events: ControllerEvent[] = []
  const emit = (event: ControllerEvent): void => void events.push(event)
  const aborter = new AbortController()
  const shared = { keeper: keeperOn(host), feeds, loader: LOADER, file: FILE, stop: aborter.signal }
  const reading = firstDesired(shared)
  await feeds.advance(2_000)
  const recorded = (): object => ({ events: events.map(({ type }) => type) })
  const controller = createController(desiredOf(await reading), { ...shared, interval, emit, recorded })
  const done = controller.run()
  await feeds.advance(0)
  const write = (now: string | undefined): void => {
    if (now === undefined) host.world.files.delete(FILE)
    else host.world.files.set(FILE, now)
    feeds.fileChanged()
  }
  return { host, feeds, events, controller, write, stop: () => aborter.abort(), done }
}

function desiredOf(read: Awaited<ReturnType<typeof firstDesired<string>>>): Desired<string> {
  if (read === undefined || 'ok' in read) throw new Error(`the file of the scene is wrong: ${read?.text}`)
  return read
}

/** The same, when its monitors were loaded and everything is quiet; what was read, written and told is forgotten. */
export async function settled(options: SceneOptions = {}): Promise<Scene> {
  const scene = await begin(options)
  await scene.feeds.advance(10_000)
  forget(scene)
  return scene
}

export function forget({ host, events }: Pick<Scene, 'host' | 'events'>): void {
  host.reads.length = 0
  host.writes.length = 0
  events.length = 0
}

export function passes({ events }: Pick<Scene, 'events'>): readonly PassEvent[] {
  return events.filter((event) => event.type === 'pass')
}

/** One line for each event but those of commands: `pass nft part success`. */
export function told({ events }: Pick<Scene, 'events'>): readonly string[] {
  return events.flatMap((event) => {
    switch (event.type) {
      case 'pass':
        return [`pass ${event.trigger} ${event.whole ? 'whole' : 'part'} ${event.result}`]
      case 'pass-begun':
        return [`begun ${event.trigger}`]
      case 'file':
        return [event.valid ? 'file right' : `file wrong, ${event.inUse}`]
      case 'monitor':
        return [`monitor ${event.name} ${event.up ? 'up' : 'down'}`]
      default:
        return []
    }
  })
}

/** The same without the beginnings of passes. */
export function outcomes(scene: Pick<Scene, 'events'>): readonly string[] {
  return told(scene).filter((line) => !line.startsWith('begun'))
}

export function problemCodes({ controller }: Scene): readonly string[] {
  return controller.view().problems.map(({ code }) => code)
}

/** Somebody took an element out of our table, and the kernel tells of it. */
export async function dropExposure({ host, feeds }: Scene): Promise<void> {
  const element = 'exposed6 { 2001:db8:1:1::1:2 . 6 . 443 }'
  await host.run(['nft', `delete element inet slash64 ${element}`])
  feeds.line('nft monitor', `delete element inet slash64 ${element}`)
}

export function firewallEvent({ feeds }: Pick<Scene, 'feeds'>): void {
  feeds.line('nft monitor', 'add element inet slash64 x { 1 }')
}

/** `ip monitor` tells of a link that is as it was. */
export function linkEvent({ feeds }: Pick<Scene, 'feeds'>, name: string, flags = 'BROADCAST,UP'): void {
  feeds.line('ip', `[LINK]7: ${name}@if2: <${flags}> mtu 1500 qdisc noqueue master br-ct state UP`)
}

/** A wish for what an event tells to have changed. */
export function wishFor(...topics: readonly Topic[]): Wish {
  return { trigger: topics[0] === 'firewall' ? 'nft' : 'ip', topics: new Set(topics) }
}

/** What was looked at of the host; the state directory left out. */
export function looks({ host }: Pick<Scene, 'host'>): readonly string[] {
  return host.reads.filter((read) => !read.startsWith('/var/lib/slash64/'))
}

/** The host's half of a container's pair. */
export const VETHS = { blog: 's64-blog-e9fc4f', db: 's64-db-8ee3f6' } as const
/** Reads, as the host in memory names them. */
export const READ = {
  nft: 'nft -j -n -s list table inet slash64',
  frames: 'nft -j -n -s list table bridge slash64',
  links: 'ip -N -j -d addr show',
  routes4: 'ip -N -j -4 route show table main',
  routes6: 'ip -N -j -6 route show table main',
  proxies: 'ip -N -j -6 neigh show proxy',
  blog: 'ip -n blog -N -j -d -batch -',
  db: 'ip -n db -N -j -d -batch -',
} as const

/** Whether a line of the host's state says so. */
export function isThere({ host }: Pick<Scene, 'host'>, text: string): boolean {
  return host.dump().includes(text)
}
