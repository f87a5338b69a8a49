// Running containers whose insides are read: in named namespaces, and in those of processes that a runtime is asked for.
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** As many at once as slash64 runs. */
const AT_ONCE = 16

const SORTS = [
  { sort: 'netns', what: 'plan, running, named namespaces', open: namedNamespaces },
  { sort: 'lxc', what: 'plan, running, asked from lxc-info', open: processesOfLxc },
]

/** `plan` beside the same reads by a plain shell: the runtime's program and `ip` inside, for each container. */
export function benchContainers(count, { folder, yaml, slash64, pair, row, rawReads }) {
  for (const { sort, what, open } of SORTS) {
    const { read, close } = open(count, folder)
    const raw = (atOnce) => () => {
      rawReads()
      shell(read.replaceAll(`-P${AT_ONCE}`, `-P${atOnce}`))
    }
    try {
      writeFileSync(yaml, network(count, sort))
      slash64('reconcile', '--once')
      const rounds = count >= 1000 ? 3 : 7
      row(
        what,
        count,
        pair(rounds, () => slash64('plan'), raw(AT_ONCE)),
        'the same reads by xargs -P16',
      )
      row(
        what,
        count,
        pair(rounds, () => slash64('plan'), raw(1)),
        'the same reads one by one (xargs -P1)',
      )
      slash64('teardown', '--yes')
    } finally {
      close()
    }
  }
}

function network(count, type) {
  const containers = numbers(count).map(
    (id) =>
      `  c${id}: { runtime: { type: ${type}, name: bench${id} }, ipv6: '::1:${id.toString(16)}', ipv4: 10.64.${id >> 8}.${id & 255} }`,
  )
  return `apiVersion: slash64/v1
kind: Network
upstream: { interface: eth0, ipv4: 203.0.113.2 }
prefix: { cidr: '2001:db8:1:1::/64', delivery: on-link }
networks:
  br-ct: { ipv6: '::1:0/112', ipv4: 10.64.0.0/16 }
containers:
${containers.join('\n')}
`
}

function numbers(count) {
  return Array.from({ length: count }, (_, index) => index + 2)
}

function namedNamespaces(count, folder) {
  const batch = (verb) =>
    execFileSync('ip', ['-batch', '-'], {
      input: numbers(count)
        .map((id) => `netns ${verb} bench${id}\n`)
        .join(''),
    })
  batch('add')
  const read = `seq 2 ${count + 1} | ${xargs('nsenter --net=/run/netns/bench{}', questions(folder))}`
  return { read, close: () => batch('delete') }
}

/** A stand-in for lxc-info answers as quickly as a shell script does, which is quicker than LXC's own. */
function processesOfLxc(count, folder) {
  const processes = numbers(count).map(() => spawn('unshare', ['--net', 'sleep', '600'], { stdio: 'ignore' }))
  const bin = join(folder, 'bin')
  mkdirSync(bin, { recursive: true })
  processes.forEach(({ pid }, index) => writeFileSync(join(bin, `bench${index + 2}.pid`), `${pid}\n`))
  const script = `#!/bin/sh\nread -r pid <"${bin}/$2.pid"\nprintf 'State:          RUNNING\\nPID:            %s\\n' "$pid"\n`
  writeFileSync(join(bin, 'lxc-info'), script)
  chmodSync(join(bin, 'lxc-info'), 0o755)
  const path = process.env.PATH
  process.env.PATH = `${bin}:${path}`
  waitForNamespaces(processes)
  const pids = `seq 2 ${count + 1} | xargs -P${AT_ONCE} -I{} lxc-info -n bench{} -H -s -p | sed -n 's/^PID: *//p'`
  const close = () => {
    process.env.PATH = path
    for (const one of processes) one.kill('SIGKILL')
  }
  return { read: `${pids} | ${xargs('nsenter --net=/proc/{}/ns/net', questions(folder))}`, close }
}

/** Each is in a network of its own before anything is made in it. */
function waitForNamespaces(processes) {
  const own = execFileSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' })
  const links = processes.map(({ pid }) => `/proc/${pid}/ns/net`)
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const found = execFileSync('readlink', links, { encoding: 'utf8' })
    if (!found.split('\n').includes(own.trim())) return
    execFileSync('sleep', ['0.05'])
  }
  throw new Error('the processes are in no network of their own')
}

function questions(folder) {
  const file = join(folder, 'questions')
  writeFileSync(file, 'addr show\nroute show table all\n')
  return file
}

function xargs(enter, file) {
  return `xargs -P${AT_ONCE} -I{} ${enter} ip -N -j -d -batch ${file}`
}

function shell(text) {
  execFileSync('sh', ['-c', `${text} >/dev/null`])
}
