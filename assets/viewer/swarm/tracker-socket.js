// One WebSocket to one tracker.
//
// Not here: when to connect again and what is said. The swarm decides both.

/** What may wait to be sent. A tracker that lets more pile up reads nothing. */
const MAX_WAITING_BYTES = 1024 * 1024

export class TrackerSocket {
  /** @type {WebSocket | undefined} */
  #socket
  /** Resolves when it is open; never, when it does not open. @type {Promise<void>} */
  opened
  /** Resolves when it has closed or could not be opened, but not after `close`. @type {Promise<void>} */
  closed
  /** Called with each text message. @type {(text: string) => void} */
  ontext = () => {}
  #over = false

  /** @param {string} url */
  constructor (url) {
    try {
      this.#socket = new WebSocket(url)
    } catch {
      // Not an address of a WebSocket, or one without TLS where the page has TLS.
      this.opened = new Promise(() => {})
      this.closed = Promise.resolve()
      return
    }
    const socket = this.#socket
    this.opened = new Promise(resolve => { socket.onopen = () => resolve() })
    this.closed = new Promise(resolve => { socket.onclose = () => { if (!this.#over) resolve() } })
    socket.onmessage = ({ data }) => { if (typeof data === 'string') this.ontext(data) }
  }

  /**
   * @param {string} text
   * @returns {boolean} whether it could be taken
   */
  send (text) {
    const socket = this.#socket
    if (socket?.readyState !== WebSocket.OPEN || socket.bufferedAmount > MAX_WAITING_BYTES) return false
    socket.send(text)
    return true
  }

  close () {
    this.#over = true
    this.ontext = () => {}
    this.#socket?.close()
  }
}
