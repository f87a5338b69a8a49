import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../lab/lab.ts'
import { eventually } from '../lab/process.ts'
import { isRunning, processes, runFolder, say, stateFolder } from './proxy-fixtures.ts'

const BACKEND = /http-blog-80-[0-9a-f]+/

export interface Breakage {
  readonly what: string
  readonly how: (lab: Lab) => unknown
  /** The plan's changes; each must match one, and there are no others. */
  readonly planned: readonly RegExp[]
  /** Healed as it runs: the processes are the same. */
  readonly live?: true
}

/** What is done to the running process: healed as it runs, unless said. */
export const RUNTIME: readonly Breakage[] = [
  {
    what: 'an entry was added to a running map',
    how: async (lab) => say(lab, 'admin', 'add map http.map evil.example.org nowhere'),
    planned: [/^delete proxy-route http evil\.example\.org$/],
    live: true,
  },
  {
    what: 'an entry of a running map was changed',
    how: async (lab) => say(lab, 'admin', 'set map tls.map blog.example.org nothing'),
    planned: [/^update proxy-route https blog\.example\.org$/],
    live: true,
  },
  {
    what: 'an entry of a running map was deleted',
    how: async (lab) => say(lab, 'admin', 'del map http.map *.shop.example.org'),
    planned: [/^(create|update) proxy-route http \*\.shop\.example\.org$/],
    live: true,
  },
  {
    what: 'a running map was emptied',
    how: async (lab) => say(lab, 'admin', 'clear map http.map'),
    planned: Array.from({ length: 3 }, () => /^(create|update) proxy-route http /),
    live: true,
  },
  {
    what: 'a running server was given another address',
    how: async (lab) => say(lab, 'admin', `set server ${backend(lab)}/s addr 10.64.0.99 port 81`),
    planned: [/^update proxy-backend http-blog-80-/],
    live: true,
  },
  {
    what: 'a running server lost its weight',
    how: async (lab) => say(lab, 'admin', `set server ${backend(lab)}/s weight 0`),
    planned: [/^update proxy-backend http-blog-80-/],
    live: true,
  },
  {
    what: 'a running frontend was switched off',
    how: async (lab) => say(lab, 'admin', 'disable frontend http'),
    planned: [/^update reverse-proxy haproxy$/],
  },
  {
    what: 'a running server was set aside',
    how: async (lab) => say(lab, 'admin', `set server ${backend(lab)}/s state maint`),
    planned: [/^update proxy-backend http-blog-80-/],
  },
]

function backend(lab: Lab): string {
  const [name] = BACKEND.exec(readFileSync(join(stateFolder(lab), 'backends.cfg'), 'utf8')) ?? []
  if (name === undefined) throw new Error('there is no backend for http to the blog')
  return name
}

/** Ends one process of ours, and waits until that has had its effect: the other one follows it. */
async function kill(lab: Lab, which: 'master' | 'worker'): Promise<void> {
  process.kill(processes(lab)[which], 'SIGKILL')
  if (!(await eventually(() => !isRunning(lab)))) throw new Error('the other process lives on')
}

function edit(lab: Lab, name: string, from: string | RegExp, to: string): void {
  const path = join(stateFolder(lab), name)
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, text.replace(from, to))
  if (readFileSync(path, 'utf8') === text) throw new Error(`there is no ${String(from)} in ${name}`)
}

/** What is done to its processes and files. */
export const BEHIND_ITS_BACK: readonly Breakage[] = [
  {
    what: 'something was written before the sections of backends.cfg, and loaded',
    how: async (lab) => {
      edit(
        lab,
        'backends.cfg',
        /^global/m,
        'frontend evil\n    mode http\n    bind 203.0.113.2:9999\n\nglobal',
      )
      process.kill(processes(lab).master, 'SIGUSR2')
      const listens = async () => (await lab.run('host', ['ss', '-Hltn', 'sport = :9999'])).stdout !== ''
      if (!(await eventually(listens))) throw new Error('nobody listens on 9999')
    },
    planned: [/^update reverse-proxy haproxy$/],
  },
  {
    what: 'the master was killed',
    how: (lab) => kill(lab, 'master'),
    planned: [/^(create|update) reverse-proxy haproxy$/],
  },
  {
    what: 'a worker was killed',
    how: (lab) => kill(lab, 'worker'),
    planned: [/^(create|update) reverse-proxy haproxy$/],
  },
  {
    what: 'the sockets are gone',
    how: (lab) => rmSync(runFolder(lab), { recursive: true }),
    planned: [/^(create|update) reverse-proxy haproxy$/],
  },
  {
    what: 'haproxy.cfg was edited',
    how: (lab) => appendFileSync(join(stateFolder(lab), 'haproxy.cfg'), 'backend mine\n    mode tcp\n'),
    planned: [/^update reverse-proxy haproxy$/],
  },
  {
    what: 'a port in backends.cfg was edited',
    how: (lab) => edit(lab, 'backends.cfg', /10\.64\.0\.2:80\b/, '10.64.0.2:81'),
    planned: [/^update proxy-backend http-blog-80-/],
  },
  {
    what: 'a backend was added to backends.cfg',
    how: (lab) => appendFileSync(join(stateFolder(lab), 'backends.cfg'), 'backend mine\n    mode tcp\n'),
    planned: [/^update reverse-proxy haproxy$/, /^delete proxy-backend mine$/],
  },
  {
    what: 'http.map was edited',
    how: (lab) => edit(lab, 'http.map', /^blog\.example\.org .*$/m, 'blog.example.org redirect'),
    planned: [/^update proxy-route http blog\.example\.org$/],
    live: true,
  },
  {
    what: 'tls.map was emptied',
    how: (lab) => writeFileSync(join(stateFolder(lab), 'tls.map'), ''),
    planned: Array.from({ length: 3 }, () => /^(create|update) proxy-route https /),
    live: true,
  },
  {
    what: 'a file is gone',
    how: (lab) => rmSync(join(stateFolder(lab), 'http.map')),
    planned: Array.from({ length: 3 }, () => /^(create|update) proxy-route http /),
    live: true,
  },
]
