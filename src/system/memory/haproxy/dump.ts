import type { Instance, ProxyWorld } from './state.ts'

/** What runs and listens, without process ids. */
export function proxyLines(proxy: ProxyWorld): string[] {
  const sockets = [...proxy.sockets.keys()].map((path) => `socket ${path}`)
  return [...listenerLines(proxy), ...sockets, ...proxy.instances.flatMap(instanceLines)]
}

/** Sockets of other programs. */
export function listenerLines({ listeners }: ProxyWorld): string[] {
  return listeners.map(({ address, port, program }) => `listener ${address} ${port} ${program}`)
}

function instanceLines({ args, worker, stopping }: Instance): string[] {
  const { config, maps, servers } = worker
  const name = `proxy ${args.join(' ')}${stopping ? ' (stopping)' : ''}`
  return [
    name,
    ...[...config.variables].map(([variable, value]) => `${name} var ${variable} ${value}`),
    ...config.binds.map(({ address, port }) => `${name} bind ${address} ${port}`),
    ...[...maps].flatMap(([map, entries]) =>
      entries.map(({ key, value }) => `${name} map ${map} ${key} ${value}`),
    ),
    ...servers.map(
      ({ backend, name: server, address, port, maintained, health }) =>
        `${name} server ${backend}/${server} ${address} ${port} ${health}${maintained ? ' maintained' : ''}`,
    ),
  ]
}
