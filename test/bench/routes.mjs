// What names on the shared ports cost: reads, a name that the running process takes, a backend that needs a reload.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { writeFileSync } from 'node:fs'

/** N routes with a backend each on both ports, to one container; `more` names of the first, `also` one route more. */
function network(count, { more = 0, also = 0 } = {}) {
  const names = (index) => {
    const own = [`site-${index}.example.org`]
    return index === 0
      ? [...own, ...Array.from({ length: more }, (_, extra) => `more-${extra}.example.org`)]
      : own
  }
  const routes = Array.from({ length: count + also }, (_, index) => {
    return `  - { host: [${names(index).join(', ')}], to: web, http: ${1000 + index}, https: ${20_000 + index}, ipv6: proxy }`
  })
  return `apiVersion: slash64/v1
kind: Network
upstream: { interface: eth0, ipv4: 203.0.113.2 }
prefix: { cidr: '2001:db8:1:1::/64', delivery: on-link }
networks:
  br-ct: { ipv6: '::1:0/112', ipv4: 10.64.0.0/16 }
containers:
  web: { ipv6: '::1:2', ipv4: 10.64.0.2 }
routes:
${routes.join('\n')}
`
}

export function benchRoutes(count, { folder, yaml, slash64, pair, row, rawReads }) {
  const file = (name) => join(folder, 'state/proxy', name)
  const files = ['haproxy.cfg', 'backends.cfg', 'http.map', 'tls.map'].map(file)
  const reads = () => {
    rawReads()
    execFileSync('sh', [
      '-c',
      `haproxy -v >/dev/null & ss -H -ltnp >/dev/null & ps -ww -C haproxy -o args= >/dev/null & cat ${files.join(' ')} >/dev/null & wait`,
    ])
  }
  const check = () => execFileSync('haproxy', ['-c', '-q', '-f', files[0], '-f', files[1]])
  const rounds = count >= 1000 ? 3 : 5
  writeFileSync(yaml, network(count))
  slash64('reconcile', '--once')
  row(
    'routes: plan, nothing to do',
    count,
    pair(rounds, () => slash64('plan'), reads),
    'the same reads, without the sockets',
  )
  let turn = 0
  const alternate = (one) => () => {
    turn += 1
    writeFileSync(yaml, network(count, turn % 2 === 1 ? one : {}))
    slash64('reconcile', '--once')
  }
  row(
    'routes: one name more or less',
    count,
    pair(rounds * 2, alternate({ more: 1 }), reads),
    'the same reads, once',
  )
  turn = 0
  row(
    'routes: one route more or less',
    count,
    pair(rounds * 2, alternate({ also: 1 }), check),
    'haproxy -c of the same files',
  )
  slash64('teardown', '--yes')
}
