import type { Places } from '../../src/engine/types.ts'

/** Addresses of the host's upstream interface. */
export const IPV4 = '203.0.113.2'
export const IPV6 = '2001:db8:1:1::2'

export type Files = Readonly<Record<string, string>>

/** A whole configuration, of the shape that the product writes. */
export function proxyFiles({ runDir }: Places): Files {
  return {
    'haproxy.cfg': `# slash64
global
    stats socket '${runDir}/proxy/admin.sock' mode 600 level admin expose-fd listeners
    fd-hard-limit 2000
    hard-stop-after 24h
    default-path config
defaults
    timeout connect 5s
    timeout client 60s
    timeout server 1h
    timeout http-request 10s
    option dontlognull
frontend http
    mode http
    bind ${IPV4}:80
    bind [${IPV6}]:80
    acl local src 127.0.0.0/8 ${IPV4} ${IPV6}
    http-request return status 200 content-type text/plain lf-string "%[var(proc.slash64)]\\n" if { path /.well-known/slash64/generation } local
    http-request set-var(txn.host) req.hdr(host),host_only,lower,rtrim(.)
    http-request set-var(txn.to) var(txn.host),map(http.map)
    http-request set-var(txn.to) "var(txn.host),regsub(^[^.]*,*),map(http.map)" if !{ var(txn.to) -m found }
    http-request return status 421 content-type text/plain string "Misdirected Request\\n" if !{ var(txn.to) -m found }
    http-request redirect location "https://%[var(txn.host)]%[pathq]" code 301 if { var(txn.to) -m str redirect }
    use_backend %[var(txn.to)]
frontend tls
    mode tcp
    bind ${IPV4}:443
    acl local src 127.0.0.0/8 ${IPV4} ${IPV6}
    tcp-request inspect-delay 5s
    tcp-request content switch-mode http if HTTP local
    tcp-request content set-var(txn.host) req.ssl_sni,lower if { req.ssl_hello_type 1 }
    tcp-request content set-var(txn.to) var(txn.host),map(tls.map) if { req.ssl_hello_type 1 }
    tcp-request content accept if { req.ssl_hello_type 1 }
    use_backend generation if HTTP
    use_backend %[var(txn.to)] if { var(txn.to) -m found }
    default_backend nothing
backend nothing
    mode tcp
    tcp-request content reject
backend generation
    mode http
    http-request return status 200 content-type text/plain lf-string "%[var(proc.slash64)]\\n" if { path /.well-known/slash64/generation }
    http-request deny
`,
    'backends.cfg': backends('one'),
    'http.map': 'blog.example.org b-web\n*.wild.org b-web\n\n# a comment\nred.example.org redirect\n',
    'tls.map': 'blog.example.org b-tls\n',
  }
}

/**
 * `backends.cfg` of a generation. Nobody listens there: the check of the first finds it at
 * once, that of the second starts half of a minute later.
 */
export function backends(generation: string, more = ''): string {
  return `global
    set-var-fmt proc.slash64 "${generation}"
backend b-web
    mode http
    server s 127.0.0.50:8080 check inter 60s fastinter 1s downinter 2s rise 1 fall 2
backend b-tls
    mode tcp
    server s [::1]:8443 check inter 60s rise 1 fall 2 send-proxy-v2
backend b-plain
    mode http
    server s 10.64.0.3:80
${more}`
}

/** The files with `from` replaced in one of them; it must be there. */
export function edited(files: Files, name: string, from: string | RegExp, to: string): Files {
  const before = files[name] ?? ''
  const after = before.replace(from, to)
  if (after === before) throw new Error(`${name} has no ${String(from)}`)
  return { ...files, [name]: after }
}

export function appended(files: Files, name: string, text: string): Files {
  return { ...files, [name]: `${files[name] ?? ''}${text}` }
}
