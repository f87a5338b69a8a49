import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Lab } from '../lab/lab.ts'
import { inNamespace } from '../lab/process.ts'

/** A program of the host under a name of its choice, as `ss -p` shows it. */
export interface HostProgram {
  /** What it printed next. */
  readonly said: () => Promise<string>
  readonly stop: () => Promise<void>
}

/** `node -e SCRIPT NAME ADDRESS PORT [WORDS]`: greets, then echoes; with words it runs them first, and prints how that ended. */
const SCRIPT = `
  const [name, address, port, ...words] = process.argv.slice(1)
  process.title = name
  const { createServer } = require('node:net')
  const { spawn } = require('node:child_process')
  const server = createServer((socket) => {
    socket.on('error', () => 0)
    socket.write('host:' + port + ' peer ' + socket.remoteAddress + '\\n')
    socket.pipe(socket)
    if (words.length === 0) return
    const child = spawn(words[0], words.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH } })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { text += chunk })
    child.on('close', (code) => console.log(JSON.stringify({ code, text })))
  })
  server.listen({ host: address, port: Number(port) }, () => console.log('listening'))
  process.stdin.on('end', () => process.exit(0)).resume()`

/** Starts one that listens; \`::\` is every address of both families. */
export async function startProgram(
  lab: Lab,
  name: string,
  address: string,
  port: number,
  ...words: readonly string[]
): Promise<HostProgram> {
  const argv = [process.execPath, '-e', SCRIPT, name, address, `${port}`, ...words]
  const [command = '', ...args] = inNamespace(lab.namespace('host'), argv)
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const said = async (): Promise<string> => {
    const [text] = (await Promise.race([
      once(child.stdout, 'data'),
      ended.then(() => Promise.reject(new Error(`${name} has ended`))),
    ])) as [Buffer]
    return text.toString()
  }
  await said()
  return {
    said,
    stop: async () => {
      child.stdin.end()
      await ended
    },
  }
}
