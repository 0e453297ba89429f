// Carries TCP connections to the program, until it is cut: for viewers the program's page and tracker are then gone, while
// the program itself goes on.

import { once } from 'node:events'
import { connect, createServer } from 'node:net'

export class Forwarder {
  #server
  /** @type {Set<import('node:net').Socket>} */
  #sockets = new Set()

  /**
   * @param {{ after: (end: () => unknown) => void }} context the test's; it is cut afterwards at the latest
   * @param {string} address where the program listens
   */
  static async to (context, address) {
    const forwarder = new Forwarder(address)
    context.after(() => forwarder.cut())
    await once(forwarder.#server, 'listening')
    return forwarder
  }

  /** @param {string} address */
  constructor (address) {
    const { hostname, port } = new URL(`http://${address}`)
    this.#server = createServer(incoming => {
      const outgoing = connect(Number(port), hostname)
      for (const [socket, other] of [[incoming, outgoing], [outgoing, incoming]]) {
        this.#sockets.add(socket)
        socket.on('error', () => socket.destroy())
        socket.on('close', () => {
          this.#sockets.delete(socket)
          other.destroy()
        })
        socket.pipe(other)
      }
    })
    this.#server.listen(0, '127.0.0.1')
  }

  /**
   * @param {string} link a share link
   * @returns {string} the same by way of this
   */
  linkThrough (link) {
    const url = new URL(link)
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.#server.address())
    url.host = `127.0.0.1:${port}`
    return url.href
  }

  /** Ends all connections and takes no more. */
  cut () {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}
