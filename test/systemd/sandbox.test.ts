import { afterAll, beforeAll, expect, it } from 'vitest'
import { forward, IPV6, HOST, networkYaml } from '../e2e/fixtures.ts'
import { containersOf, createSites, expectServed, route } from '../e2e/proxy-fixtures.ts'
import type { Lab } from '../lab/lab.ts'
import { bootSystemd, type Systemd } from './boot.ts'
import {
  asOneshot,
  CONTROLLER,
  dropIn,
  FILE,
  installController,
  program,
  said,
  writeFile,
} from './controller-fixtures.ts'
import { PLACES } from './unit-fixtures.ts'

// One pass in the sandbox of the controller's unit, on all that a pass may do.
let lab: Lab
let systemd: Systemd

beforeAll(async () => {
  lab = await createSites(...PLACES)
  systemd = await bootSystemd(lab)
  await installController(systemd, lab, yaml('blog'))
  const line = [...program(), 'reconcile', '--once', '--file', FILE].join(' ')
  await asOneshot(systemd, `ExecStart=${line}`)
})
afterAll(async () => {
  await systemd?.end()
  await lab?.destroy()
})

function yaml(...sites: readonly string[]): string {
  return networkYaml({
    containers: containersOf(lab, ...PLACES),
    nat: { source: 'snat', forwards: [forward('2222/tcp -> blog:22'), forward('5353/udp -> shop:53')] },
    routes: sites.map((site) => route(site)),
  })
}

/** Runs the unit to its end; resolves to what it added to its log. */
async function start(): Promise<string> {
  const before = (await said(systemd)).length
  const { exitCode } = await systemd.run(['systemctl', 'start', CONTROLLER], { timeout: 30_000 })
  const after = (await said(systemd)).slice(before)
  if (exitCode !== 0) throw new Error(after)
  return after
}

it('everything converges: containers, forwards, routes, settings of the kernel', async () => {
  expect(await start()).toContain('Applied')
  expect(await lab.ping('internet', `${IPV6}1:2`)).toMatchObject({ received: 1 })
  await lab.serve('blog', '22/tcp')
  await lab.serve('shop', '53/udp')
  expect(await lab.tcp('internet', HOST, 2222)).toMatch(/^blog:22 /)
  expect(await lab.udp('internet', HOST, 5353)).toMatch(/^shop:53 /)
  await expectServed(lab, 'blog')
})

it('a second pass has nothing to do', async () => {
  expect(await start()).toContain('No changes')
})

it('knows its own proxy, whose unit has other rights, and reloads it', async () => {
  await writeFile(systemd, FILE, yaml('blog', 'shop'))
  expect(await start()).toContain('Applied')
  await expectServed(lab, 'blog', 'shop')
})

it('drift is undone: the ruleset, a setting of the kernel, the inside of a container', async () => {
  await systemd.must(['nft', 'flush', 'ruleset'])
  await lab.writeSysctl('host', 'net/ipv4/ip_forward', 0)
  await lab.ip('blog', 'address flush dev eth0')
  await start()
  expect(await lab.readSysctl('host', 'net/ipv4/ip_forward')).toBe('1')
  expect(await lab.ping('internet', `${IPV6}1:2`)).toMatchObject({ received: 1 })
})

it('the last route ends the proxy', async () => {
  await writeFile(systemd, FILE, yaml())
  await start()
  expect((await systemd.run(['pgrep', '-x', 'haproxy'])).stdout).toBe('')
})

it('reads a file that only another user may read', async () => {
  await systemd.must(['chown', '-R', '1000:1000', '/etc/slash64'])
  await systemd.must(['chmod', '-R', 'go=', '/etc/slash64'])
  expect(await start()).toContain('No changes')
})

it('is a sandbox', async () => {
  const probe = `
    grep -E '^(CapBnd|NoNewPrivs|Seccomp):' /proc/self/status
    for path in /etc/x /usr/x /proc/sys/vm/swappiness /sys/kernel/mm/ksm/run; do
      [ -w "$(dirname $path)" ] && echo 1 >$path && echo "could write $path"
    done
    echo 0 >/proc/sys/net/ipv4/conf/eth0/log_martians && echo 'could write /proc/sys/net'
    for kind in net mount pid user uts; do unshare --$kind true && echo "could unshare $kind"; done
    chown 1 /var/lib/slash64 && echo 'could chown'
    ls -A /home /root /tmp
    true`
  await systemd.must(['tee', '/var/lib/program/probe.sh'], { input: probe })
  await dropIn(systemd, 'probe', '[Service]\nExecStartPre=/bin/sh /var/lib/program/probe.sh\n')
  const lines = (await start()).split('\n')
  expect(lines).toEqual(
    expect.arrayContaining(['NoNewPrivs:\t1', 'Seccomp:\t2', 'CapBnd:\t0000000000281004']),
  )
  expect(lines.filter((line) => line.startsWith('could '))).toEqual([
    'could write /proc/sys/net',
    'could unshare net',
  ])
})

it('heals with a run directory that is full: scripts are in memory, which the sandbox leaves writable', async () => {
  // The reverse proxy's sockets would be below what is mounted.
  await writeFile(systemd, FILE, yaml())
  await start()
  const full =
    'mount -t tmpfs -o size=4k,mode=700 slash64-test /run/slash64 && ! dd if=/dev/zero of=/run/slash64/full bs=4k count=2'
  await systemd.must(['sh', '-c', full])
  try {
    await lab.must('host', ['nft', 'flush', 'ruleset'])
    expect(await start()).toMatch(/S64-H009/)
    expect(await lab.ping('internet', `${IPV6}1:2`)).toMatchObject({ received: 1 })
    expect((await lab.must('host', ['nft', 'list', 'tables'])).split('\n')).toContain('table inet slash64')
    expect((await systemd.must(['ls', '/dev/shm'])).includes('slash64-tx-')).toBe(false)
  } finally {
    await systemd.must(['umount', '/run/slash64'])
  }
})
