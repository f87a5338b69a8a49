// Run by `healing-wire.mjs` inside a namespace: sends numbered datagrams at a steady pace, or collects what arrives of them.
// The clock is CLOCK_MONOTONIC, which all namespaces of a machine share: what is told is when a datagram was *sent*, so that a
// receiver that gets no processor for a while measures nothing wrong.
import { createSocket } from 'node:dgram'
import { createInterface } from 'node:readline'

const [role, ...words] = process.argv.slice(2)
if (role === 'send') send(...words)
else receive(...words)

function now() {
  return Number(process.hrtime.bigint()) / 1e6
}

/** To each of the ports `rate` datagrams a second, whatever the timers do: what is late is sent at once. */
function send(address, rate, ...ports) {
  const socket = createSocket('udp6')
  const began = now()
  const counts = ports.map(() => 0)
  let denied = 0
  // Nobody is at home, or no way leads there: that is what is measured.
  socket.on('error', () => (denied += 1))
  const tick = () => {
    const due = Math.floor(((now() - began) * Number(rate)) / 1000)
    ports.forEach((port, index) => {
      for (; counts[index] < due; counts[index] += 1) {
        const payload = Buffer.alloc(8)
        payload.writeDoubleLE(now())
        socket.send(payload, Number(port), address, () => undefined)
      }
    })
  }
  setInterval(tick, 1)
  answer(() => Object.fromEntries(ports.map((port, index) => [port, counts[index]])))
}

/** Of each port, the times (ms) at which what has arrived since the last question was sent. */
function receive(...ports) {
  const times = new Map(ports.map((port) => [port, []]))
  for (const port of ports) {
    const socket = createSocket({ type: 'udp6', recvBufferSize: 4 * 1024 * 1024 })
    socket.on('message', (payload) => times.get(port).push(payload.readDoubleLE()))
    socket.bind(Number(port))
  }
  answer(() => {
    const found = Object.fromEntries(times)
    for (const port of ports) times.set(port, [])
    return found
  })
}

/** One line of JSON for each line that is asked; ends with whoever started it. */
function answer(found) {
  const lines = createInterface({ input: process.stdin })
  lines.on('line', () => console.log(JSON.stringify(found())))
  lines.on('close', () => process.exit(0))
}
