const PROXY = 'mode timeout option no log maxconn id description disabled enabled errorfile'
const RULES = 'acl http-request http-response http-after-response tcp-request'

/** The words that a line of each section can begin with: those that are used, and some that could be. */
export const KEYWORDS: Readonly<Record<string, ReadonlySet<string>>> = {
  global: words(
    'set-var set-var-fmt stats fd-hard-limit hard-stop-after default-path log maxconn no user group uid gid chroot',
    'daemon nbthread setenv presetenv spread-checks description node pidfile ulimit-n master-worker quiet',
    'zero-warning grace mworker-max-reloads strict-limits insecure-fork-wanted close-spread-time',
  ),
  defaults: words(PROXY, 'retries balance default-server load-server-state-from-file'),
  frontend: words(PROXY, RULES, 'bind use_backend default_backend monitor-uri'),
  backend: words(
    PROXY,
    RULES,
    'tcp-response server balance retries default-server fullconn source load-server-state-from-file',
  ),
}

function words(...lists: readonly string[]): ReadonlySet<string> {
  return new Set(lists.flatMap((list) => list.split(' ')))
}

const FLAGS = 'check no-check send-proxy send-proxy-v2 check-send-proxy'
const SETTINGS = 'inter fastinter downinter rise fall maxconn maxqueue on-marked-down'

/** The options of a server, and how many words follow each. */
export const SERVER_OPTIONS: ReadonlyMap<string, number> = new Map([
  ...FLAGS.split(' ').map((word) => [word, 0] as const),
  ...SETTINGS.split(' ').map((word) => [word, 1] as const),
])

export const MODES: ReadonlySet<string> = new Set(['http', 'tcp'])
