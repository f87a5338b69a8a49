// Many clients that send a request byte by byte, one each second, and come back when they are thrown out.
// Arguments: port, own address, how many. Says `ready` when all have tried; ends with its standard input, or after 30 s.
import { connect } from 'node:net'

const [port = '0', localAddress = '127.0.0.1', count = '1'] = process.argv.slice(2)
const REQUEST = `GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Slow: ${'x'.repeat(1000)}`

function step(client) {
  if (client.socket === undefined) {
    client.sent = 0
    client.socket = connect({ port: Number(port), host: '127.0.0.1', localAddress })
    client.socket.on('error', () => undefined)
    client.socket.on('close', () => (client.socket = undefined))
  }
  client.socket.write(REQUEST[client.sent] ?? 'x')
  client.sent += 1
}

const clients = Array.from({ length: Number(count) }, () => ({ socket: undefined, sent: 0 }))

/** Each tenth of a second a tenth of them, as clients are that know nothing of each other. */
let turn = 0
function tick() {
  clients.forEach((client, index) => index % 10 === turn % 10 && step(client))
  turn += 1
  if (turn === 11) process.stdout.write('ready\n')
}

setInterval(tick, 100)
setTimeout(() => process.exit(), 30_000)
process.stdin.on('close', () => process.exit()).resume()
