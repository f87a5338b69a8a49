import { connect } from 'node:net'
import type { Endpoint } from '../engine/types.ts'
import { busyness } from './busyness.ts'
import { monotonic } from './clock.ts'
import { SystemError } from './errors.ts'
import type { SystemErrorCode } from './errors.ts'

/** Milliseconds, unless told; as much longer as the machine is busy. */
export const EXCHANGE_DEADLINE = 5_000
/** `show servers state` of 10,000 servers is 1 MB. */
const LIMIT = 64 * 1024 * 1024

const CODES: Readonly<Record<string, SystemErrorCode>> = {
  ENOENT: 'not-found',
  ENOTDIR: 'not-found',
  ECONNREFUSED: 'not-found',
  EACCES: 'denied',
  EPERM: 'denied',
}

/**
 * Says `request` to a UNIX socket or over TCP; resolves to all that comes back until the other side closes. A deadline that is
 * told (milliseconds) is kept to: somebody else counts on it.
 */
export async function exchange(to: string | Endpoint, request: string, deadline?: number): Promise<string> {
  const subject = typeof to === 'string' ? to : `${to.address} port ${to.port}`
  return new Promise((resolve, reject) => {
    const socket = typeof to === 'string' ? connect(to) : connect(to.port, to.address)
    const chunks: Buffer[] = []
    let size = 0
    const limit = deadline ?? EXCHANGE_DEADLINE
    const began = monotonic()
    const fail = (code: SystemErrorCode, detail: string): void => {
      clearTimeout(timer)
      socket.destroy()
      reject(new SystemError({ code, subject, detail }))
    }
    const strike = (): void => {
      const rest = deadline === undefined ? began + limit * busyness() - monotonic() : 0
      // At least one more turn of the event loop: it may be us who have not read what has come.
      if (rest > 0) timer = setTimeout(strike, rest)
      else setImmediate(() => fail('timeout', `no whole answer within ${limit / 1000} s`))
    }
    let timer = setTimeout(strike, limit)
    socket.on('connect', () => socket.write(request))
    socket.on('data', (chunk) => {
      size += chunk.length
      if (size > LIMIT) fail('garbled', 'answered more than can be read')
      else chunks.push(chunk)
    })
    socket.on('error', ({ code = '', message }: NodeJS.ErrnoException) =>
      fail(CODES[code] ?? 'other', message.replace(/^connect /, '')),
    )
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(Buffer.concat(chunks).toString('utf8'))
    })
  })
}
