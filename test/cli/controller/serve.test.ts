import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { servePages } from '../../../src/cli/controller/serve.ts'
import type { LogEntry } from '../../../src/report/log/entry.ts'
import { pages } from '../../report/http/support.ts'
import { memoryFeeds } from '../../support/memory-feeds.ts'

/** A port of the loopback that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('it listens on no port')
  return address.port
}

test('a page that cannot be made is 500 for who asks, and an error in the log', async () => {
  const entries: LogEntry[] = []
  const port = await freePort()
  const fail = (): never => {
    throw new TypeError('x is not a function')
  }
  const serving = servePages({
    listen: `127.0.0.1:${port}`,
    feeds: memoryFeeds(),
    pages: pages({ status: fail }),
    log: (entry) => entries.push(entry),
  })
  onTestFinished(async () => serving.close())
  await expect.poll(() => entries.map(({ event }) => event)).toEqual(['http'])
  const { status } = await fetch(`http://127.0.0.1:${port}/api/v1/status`)
  expect(status).toBe(500)
  expect(entries.slice(1)).toEqual([
    {
      level: 'error',
      event: 'defect',
      message: 'internal error: a page could not be made: x is not a function',
      fields: { hint: 'please report it; all else goes on' },
    },
  ])
})
