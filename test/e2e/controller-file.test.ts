import {
  appendFileSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually, sleep } from '../lab/process.ts'
import { millisecondsOf } from '../support/unit.ts'
import { edits, looksAgain, NO_INTERVAL, passesFor, type Edits } from './controller-edits.ts'
import { converged, fileOf, startController, type RunningController } from './controller-fixtures.ts'
import { HOST, IPV6 } from './fixtures.ts'

let lab: Lab
let controller: RunningController
let edit: Edits
let file = ''

beforeAll(async () => {
  lab = await createLab({ containers: ['blog', 'db'] })
  edit = edits(lab)
  file = fileOf(lab)
  controller = startController(lab, edit.next(), { args: NO_INTERVAL })
  await converged(controller)
})

afterAll(async () => {
  await controller?.stop()
  await lab?.destroy()
})

const WAYS: readonly (readonly [string, (next: string) => void | Promise<void>])[] = [
  ['written in place', (next) => writeFileSync(file, next)],
  [
    'replaced by a rename',
    (next) => {
      writeFileSync(`${file}.new`, next)
      renameSync(`${file}.new`, file)
    },
  ],
  [
    'written as vim does it: the old one is renamed, a new one is written',
    (next) => {
      renameSync(file, `${file}~`)
      writeFileSync(file, next)
      unlinkSync(`${file}~`)
    },
  ],
  [
    'removed, and written half a second later',
    async (next) => {
      unlinkSync(file)
      await sleep(500)
      writeFileSync(file, next)
    },
  ],
  ['replaced by a symbolic link', (next) => edit.link(place('one.yaml', next))],
  ['a symbolic link that is pointed elsewhere', (next) => edit.link(place('other.yaml', next))],
  ['the end of a symbolic link, written in place', (next) => void place('other.yaml', next)],
  ['a Kubernetes volume', (next) => volume('1', next)],
  ['a Kubernetes volume that is updated', (next) => volume('2', next)],
  [
    'a plain file again',
    (next) => {
      unlinkSync(file)
      writeFileSync(file, next)
    },
  ],
]

function place(name: string, content: string): string {
  const path = join(lab.directory, name)
  writeFileSync(path, content)
  return path
}

/** network.yaml → ..data/network.yaml, ..data → ..N: only the middle link is ever replaced. */
function volume(version: string, content: string): void {
  mkdirSync(join(lab.directory, `..${version}`))
  place(`..${version}/network.yaml`, content)
  symlinkSync(`..${version}`, join(lab.directory, '..new'))
  renameSync(join(lab.directory, '..new'), join(lab.directory, '..data'))
  if (version === '1') edit.link('..data/network.yaml')
}

describe('a change of the file is in force, and counted', () => {
  it.each(WAYS)('%s', async (_name, write) => {
    const count = (await controller.metric('slash64_convergence_duration_seconds_count')) ?? 0
    await write(edit.next())
    expect(await edit.isInForce()).toBe(true)
    const isCounted = async () =>
      (await controller.metric('slash64_convergence_duration_seconds_count')) === count + 1
    expect(await eventually(isCounted)).toBe(true)
    expect(await controller.metric('slash64_config_valid')).toBe(1)
  })
})

describe('a file', () => {
  it('is not used while it is being written, though its beginning is a valid smaller file', async () => {
    // Who is kept from writing for so long has ended as far as anybody can see: then it is tried again.
    let [before, longest] = [0, Infinity]
    for (let attempt = 0; longest > 90 && attempt < 20; attempt += 1) {
      before = controller.lines().length
      longest = await writeSlowly()
      expect(await edit.isInForce()).toBe(true)
    }
    if (longest > 90)
      return console.warn('NOT SHOWN HERE: a file that is being written: nobody gets to write it')
    await looksAgain(controller)
    expect((await controller.status()).state).toBe('converged')
    // The other port that it opens is one element less, and one more.
    expect(said(before, / deleted (?!exposure )/)).toEqual([])
    expect(said(before, / (created|updated) (?!exposure )/)).toEqual([])
    expect(said(before, /is not valid/)).toEqual([])
    expect(said(before, /is valid and in use/)).toHaveLength(1)
  })

  /** Writes the next text in pieces; resolves to the longest time between two of them, in milliseconds. */
  async function writeSlowly(): Promise<number> {
    edit.next()
    // From the line on that ends the first container, what is there is a whole file without the second one.
    const pieces = blockYaml().replace('PORT', String(edit.port())).split(/^/m)
    const times: number[] = []
    writeFileSync(file, pieces.slice(0, 14).join(''))
    for (const piece of pieces.slice(14))
      times.push(
        await millisecondsOf(async () => {
          await sleep(30)
          appendFileSync(file, piece)
        }),
      )
    return Math.max(...times)
  }

  it('converges on the last of 20 edits in a second', async () => {
    const before = await passesFor(controller, 'file')
    const time = await millisecondsOf(async () => {
      for (let count = 0; count < 20; count += 1) {
        writeFileSync(file, edit.next())
        await sleep(50)
      }
    })
    expect(await edit.isInForce()).toBe(true)
    // Who is kept from writing for so long pauses.
    expect((await passesFor(controller, 'file')) - before).toBeLessThan((8 * time) / 1_000)
    const isDone = async () => (await controller.status()).state === 'converged'
    expect(await eventually(isDone)).toBe(true)
  })

  it('makes no pass when it is touched, or written again as it was', async () => {
    await looksAgain(controller)
    const before = await passesFor(controller, 'file')
    utimesSync(file, new Date(), new Date())
    writeFileSync(`${file}.new`, edit.last())
    renameSync(`${file}.new`, file)
    await sleep(700)
    await looksAgain(controller)
    expect(await passesFor(controller, 'file')).toBe(before)
  })
})

function said(since: number, pattern: RegExp): readonly string[] {
  return controller
    .lines()
    .slice(since)
    .filter((line) => pattern.test(line))
}

/** Block style: cut at the end of a line, it is still YAML. */
function blockYaml(): string {
  return `apiVersion: slash64/v1
kind: Network
upstream:
  interface: eth0
  ipv4: ${HOST}
prefix:
  cidr: ${IPV6}/64
networks:
  br-ct:
    ipv6: ::1:0/112
    ipv4: 10.64.0.0/24
containers:
  blog:
    runtime: {type: netns, name: ${lab.namespace('blog')}}
    ipv6: ::1:2
    ipv4: 10.64.0.2
    expose: [PORT/tcp]
  db:
    runtime: {type: netns, name: ${lab.namespace('db')}}
    ipv6: ::1:3
    ipv4: 10.64.0.3
nat:
  source: snat
  forwards:
    - {listen: 2222/tcp, to: "blog:22"}
`
}
